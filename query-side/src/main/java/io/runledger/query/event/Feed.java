package io.runledger.query.event;

/** What one stream sends: which events, from where, and when that is all. Used by one thread. */
interface Feed {

    /** Whose events wake the stream up. */
    Subject subject();

    /** The position up to which everything was given out, or was not wanted. */
    long searched();

    /** Everything up to this position was given out, or was not wanted. */
    void searchedTo(long position);

    /** Whether this event of the subject belongs in the stream. */
    boolean wants(TailEvent event);

    /** The next events from the database; {@code head} is a position up to which it has everything. */
    Found history(long head);

    /** Takes note of an event of the subject that is about to be sent, or left out. */
    void passed(TailEvent event);

    /** What a reader gives back to continue after this event. */
    long idOf(LedgerEvent event);

    /** Whether nothing more will come, as far as anybody can tell who has seen everything up to now. */
    boolean isOver();
}
