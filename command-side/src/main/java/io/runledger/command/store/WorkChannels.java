package io.runledger.command.store;

/** What an append notifies beside the events' own channel, for those who wait for runs, those who let
 * them go on, and those who look after tasks. */
public final class WorkChannels {

    /** Runs were queued. */
    public static final String QUEUE = "runledger_queue";

    /** Runs were blocked, or slots of a concurrency may have become free. */
    public static final String GATE = "runledger_gate";

    /** There is something to be done about tasks. */
    public static final String TASKS = "runledger_task";

    private WorkChannels() {}
}
