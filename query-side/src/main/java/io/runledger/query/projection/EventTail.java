package io.runledger.query.projection;

import io.runledger.api.RecentRecord;
import io.runledger.api.RecentRecord.Entry;
import io.runledger.query.signal.CommitSignal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.GenericTrackedEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.StreamableMessageSource;
import org.jspecify.annotations.Nullable;

/**
 * The events of all runs in the order of their positions, as batches, for a processor that asks again and again: it looks
 * into the ledger when a commit was signalled since it looked last, and now and then. It holds what it read at once and no
 * more. Axon's own event store looks two or three times after each commit, and holds every event that a processor has yet
 * to come to; its processors take more time to hand an event over than a view takes to fold it (ADR 12).
 */
public final class EventTail implements StreamableMessageSource<TrackedEventMessage<?>> {

    /** How often to look without a signal: while signals are heard, one could only be lost with its connection. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often to look while no signals are heard. */
    private static final long DEAF_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Looks come no closer: what is committed meanwhile is written into the view together. */
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * The next look waits as long for each event that the last one found, unless somebody waits for the view: at five
     * hundred events a second and more, many runs are created, started and completed meanwhile, and such a run is
     * written once, with all its index entries, instead of three times.
     */
    private static final long PACE_NANOS_AN_EVENT = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long SLOWEST_PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Who finds so many is behind, and looks again at once. */
    private static final int BEHIND_EVENTS = 500;

    private static final int BATCH_EVENTS = 1_000;

    /** One that is being written and one that is read meanwhile: a processor of Axon would hold a thousand. */
    private static final int MOST_UNDER_WAY = 2;

    private final NextEvents events;
    private final CommitSignal signal;
    private final RecentRecord own;
    private final BooleanSupplier awaited;
    private final AtomicLong commits = new AtomicLong();

    /**
     * @param events what to read when the node's own memory has not what comes next
     * @param signal tells that there are more
     * @param own what this node wrote, and tells so
     * @param awaited whether somebody waits until these events are in a view
     */
    public EventTail(NextEvents events, CommitSignal signal, RecentRecord own, BooleanSupplier awaited) {
        this.events = events;
        this.signal = signal;
        this.own = own;
        this.awaited = awaited;
        signal.onCommit(own, commits::incrementAndGet);
    }

    @Override
    public BlockingStream<TrackedEventMessage<?>> openStream(@Nullable TrackingToken trackingToken) {
        return new Tail(trackingToken);
    }

    /** What one processor reads; for one thread at a time. */
    private final class Tail implements BlockingStream<TrackedEventMessage<?>> {

        private Iterator<? extends TrackedEventMessage<?>> read = Collections.emptyIterator();
        private final Deque<EventBatch> underWay = new ArrayDeque<>();
        private @Nullable TrackedEventMessage<EventBatch> next;
        private @Nullable TrackingToken position;
        private int found;
        private long commitsSeen;
        private long lookedAt = System.nanoTime() - LOOK_NANOS;

        private Tail(@Nullable TrackingToken position) {
            this.position = position;
        }

        @Override
        public Optional<TrackedEventMessage<?>> peek() {
            return hasNextAvailable() ? Optional.ofNullable(next) : Optional.empty();
        }

        @Override
        public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
            long deadline = System.nanoTime() + unit.toNanos(timeout);
            while (next == null && !advance()) {
                if (System.nanoTime() - deadline >= 0) {
                    return false;
                }
                LockSupport.parkNanos(PACE_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return true;
        }

        @Override
        public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
            TrackedEventMessage<EventBatch> taken = next;
            while (taken == null) {
                hasNextAvailable(Integer.MAX_VALUE, TimeUnit.SECONDS);
                taken = next;
            }
            next = null;
            position = taken.trackingToken();
            underWay.add(taken.getPayload());
            return taken;
        }

        /** Whether there is a next batch, read already or now. */
        private boolean advance() {
            underWay.removeIf(EventBatch::isOver);
            if (underWay.size() >= MOST_UNDER_WAY) {
                return false;
            }
            if (!read.hasNext() && isTimeToLook()) {
                look();
            }
            if (next == null && read.hasNext()) {
                next = batch();
            }
            return next != null;
        }

        /** A batch of what this node wrote, when it has what comes next; else asks the ledger. */
        private void look() {
            found = 0;
            List<Entry> written = position == null
                    ? List.of()
                    : own.entriesAfter(position.position().orElseThrow(), BATCH_EVENTS);
            if (written.isEmpty()) {
                read = events.after(position).iterator();
            } else {
                next = batch(
                        written.stream().map(ReadEvent::of).toList(),
                        new GlobalSequenceTrackingToken(written.getLast().position()));
            }
        }

        private TrackedEventMessage<EventBatch> batch() {
            List<ReadEvent> batch = new ArrayList<>();
            TrackedEventMessage<?> message;
            do {
                message = read.next();
                batch.add(ReadEvent.of((DomainEventMessage<?>) message));
            } while (read.hasNext() && batch.size() < BATCH_EVENTS);
            return batch(batch, message.trackingToken());
        }

        private TrackedEventMessage<EventBatch> batch(List<ReadEvent> batch, TrackingToken token) {
            found += batch.size();
            long last = token.position().orElse(batch.getLast().position());
            return new GenericTrackedEventMessage<>(
                    token, GenericEventMessage.<EventBatch>asEventMessage(new EventBatch(batch, last)));
        }

        private boolean isTimeToLook() {
            // Counted before it looks: a commit that comes meanwhile is another reason to look.
            long signalled = commits.get();
            long now = System.nanoTime();
            long quiet = signal.isListening() ? LOOK_NANOS : DEAF_LOOK_NANOS;
            boolean mayBeMore = found > 0 || signalled != commitsSeen;
            if (now - lookedAt < (mayBeMore ? pace() : quiet)) {
                return false;
            }
            commitsSeen = signalled;
            lookedAt = now;
            return true;
        }

        private long pace() {
            if (found >= BEHIND_EVENTS) {
                return 0;
            }
            return awaited.getAsBoolean()
                    ? PACE_NANOS
                    : Math.clamp(found * PACE_NANOS_AN_EVENT, PACE_NANOS, SLOWEST_PACE_NANOS);
        }

        @Override
        public void close() {
            read = Collections.emptyIterator();
        }
    }
}
