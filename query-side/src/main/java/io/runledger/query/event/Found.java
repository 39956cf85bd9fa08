package io.runledger.query.event;

import java.util.List;

/**
 * The next events of a stream.
 *
 * @param searched the position up to which there are no others
 * @param all whether that is as far as anybody could look
 */
record Found(List<TailEvent> events, long searched, boolean all) {

    /** As many events as a stream takes into memory at once. */
    static final int MOST = 100;

    /** The payloads of these events have no more bytes than this, unless it is one event only. */
    static final long MOST_BYTES = 64 << 10;
}
