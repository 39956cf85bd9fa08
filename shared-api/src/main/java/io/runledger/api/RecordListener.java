package io.runledger.api;

/**
 * Hears of the events that this node records, once they are durable; of each run in order, but for commands that waited
 * for one another. Called while the command waits for its answer: it must be quick and must not fail.
 */
@FunctionalInterface
public interface RecordListener {

    /** Hears of one event, with its content and its place in the whole ledger. */
    void recorded(StoredEvent event, RunEvent content, long position);
}
