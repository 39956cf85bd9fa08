package io.runledger.query.event;

import io.runledger.query.event.OpenStreams.OpenStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/** What one stream sends: which things, from where, and when that is all. Used by one thread. */
public interface SseSource {

    /**
     * A part of a stream, no more than may be in memory at once.
     *
     * @param events taken out one by one: what was written is not held while a reader takes its time with the rest
     * @param all whether that is as far as anybody could look
     */
    record Batch(Queue<Sent> events, boolean all) {

        public Batch(List<Sent> events, boolean all) {
            this(new ArrayDeque<>(events), all);
        }
    }

    /** One thing that is sent: {@code id} is what a reader gives back to continue after it; {@code json} has one line. */
    record Sent(long id, String type, byte[] json) {}

    /** What to send next; perhaps nothing, and yet there is more. */
    Batch next(OpenStream stream);

    /** Whether nothing more will come, as far as anybody can tell who has sent everything up to now. */
    boolean isOver();

    /** Waits until there may be something new, for so long at most, or until it is over. */
    void await(long nanos, BooleanSupplier over);
}
