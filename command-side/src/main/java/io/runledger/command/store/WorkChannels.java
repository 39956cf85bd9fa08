package io.runledger.command.store;

/** What an append notifies beside the events' own channel, for those who wait for runs and those who let them go on. */
public final class WorkChannels {

    /** Runs were queued. */
    public static final String QUEUE = "runledger_queue";

    /** Runs were blocked, or slots of a concurrency may have become free. */
    public static final String GATE = "runledger_gate";

    private WorkChannels() {}
}
