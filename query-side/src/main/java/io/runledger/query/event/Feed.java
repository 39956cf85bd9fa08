package io.runledger.query.event;

import io.runledger.query.event.OpenStreams.OpenStream;

/** What one stream sends: which events, from where, and when that is all. Used by one thread. */
interface Feed {

    /** How much of history a stream takes into memory at once: as much as of what is recent. */
    EventReader.Bounds SLICE = new EventReader.Bounds(Found.MOST, Found.MOST_BYTES);

    /** Whose events wake the stream up. */
    Subject subject();

    /** The position that the stream goes on after. */
    long start();

    /** The next events after this position from the database; {@code head} is one up to which it has everything. */
    Found history(OpenStream stream, long searched, long head);

    /** These events of the subject without those that only the database can tell are not wanted. */
    Found narrowed(OpenStream stream, Found recent);

    /** Takes note of an event of the subject; whether it belongs in the stream. */
    boolean takes(TailEvent event);

    /** What a reader gives back to continue after this event. */
    long idOf(LedgerEvent event);

    /** Whether nothing more will come, as far as anybody can tell who has seen everything up to now. */
    boolean isOver();
}
