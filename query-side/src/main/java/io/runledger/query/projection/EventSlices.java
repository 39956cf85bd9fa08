package io.runledger.query.projection;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * The events after a position up to the head, in order and in slices. A thread of its own reads ahead while the slices are
 * written; what it holds is bounded in number and in bytes.
 */
final class EventSlices implements AutoCloseable {

    static final int SLICE_EVENTS = 10_000;

    private static final long SLICE_WEIGHT = 16 << 20;
    private static final int SLICES_AHEAD = 2;

    private final EventStorageEngine events;
    private final BlockingQueue<Slice> ahead = new ArrayBlockingQueue<>(SLICES_AHEAD);
    private final Thread reader;

    /**
     * Events in their order.
     *
     * @param last the position of the last of them
     * @param failure what ended the reading before the head
     */
    record Slice(
            List<ReadEvent> events, long last, @Nullable RuntimeException failure) {

        /** Whether the head was reached: nothing comes after this slice. */
        boolean isEnd() {
            return events.isEmpty();
        }
    }

    EventSlices(EventStorageEngine events, long after) {
        this.events = events;
        this.reader = Thread.ofPlatform().daemon().name("view-rebuild-reader").start(() -> readFrom(after));
    }

    /** The next slice; an empty one at the head, and only there. */
    Slice next() throws InterruptedException {
        Slice slice = ahead.take();
        if (slice.failure() != null) {
            throw slice.failure();
        }
        return slice;
    }

    @Override
    public void close() {
        reader.interrupt();
    }

    private void readFrom(long after) {
        try {
            // Not through the event store: it would keep what it reads for others, as far as this reader lags behind.
            try (Stream<? extends TrackedEventMessage<?>> stream = events.readEvents(token(after), false)) {
                Iterator<? extends TrackedEventMessage<?>> messages = stream.iterator();
                Slice slice;
                do {
                    slice = read(messages);
                    ahead.put(slice);
                } while (!slice.isEnd());
            } catch (RuntimeException e) {
                ahead.put(new Slice(List.of(), 0, e));
            }
        } catch (InterruptedException e) {
            // Closed: nobody takes what would come.
            Thread.currentThread().interrupt();
        }
    }

    private static Slice read(Iterator<? extends TrackedEventMessage<?>> messages) {
        List<ReadEvent> slice = new ArrayList<>(SLICE_EVENTS);
        long weight = 0;
        long last = 0;
        while (slice.size() < SLICE_EVENTS && weight < SLICE_WEIGHT && messages.hasNext()) {
            TrackedEventMessage<?> message = messages.next();
            ReadEvent event = ReadEvent.of((DomainEventMessage<?>) message);
            slice.add(event);
            weight += EventWeight.of(event);
            last = message.trackingToken().position().orElse(last);
        }
        return new Slice(slice, last, null);
    }

    @SuppressWarnings("NullAway") // null stands for "before the first event" in Axon
    private static GlobalSequenceTrackingToken token(long after) {
        return after == 0 ? null : new GlobalSequenceTrackingToken(after);
    }
}
