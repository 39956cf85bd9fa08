package io.runledger.query.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Json;
import io.runledger.api.RecentRecord;
import io.runledger.api.RunEvent;
import io.runledger.api.StoredEvent;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.signal.CommitSignal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventTailTest {

    private static final int BATCH = 10;
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final int VERY_MUCH = 200;
    private static final int BEHIND = 500;
    private static final Duration SLOWEST_PACE = Duration.ofMillis(100);
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Longer than several of the looks that an unheard commit would need. */
    private static final Duration A_WHILE = Duration.ofMillis(400);

    private final CommitSignal signal = new CommitSignal(TestDatabase::newConnection);
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final List<RecentRecord.Entry> remembered = new ArrayList<>();
    private final AtomicReference<Runnable> recorded = new AtomicReference<>();
    private final EventTail tail = new EventTail(this::batchAfter, signal, new Own(), awaited::get);
    private volatile long head;
    private volatile int batch = BATCH;
    private long lookedAt;
    private Duration lastGap = Duration.ZERO;

    /** Of the node itself; a test says when it records. */
    private final class Own implements RecentRecord {

        @Override
        public List<Entry> entriesAfter(long position, int most) {
            return remembered.stream()
                    .filter(entry -> entry.position() == position + 1)
                    .toList();
        }

        @Override
        public void onRecord(Runnable listener) {
            recorded.set(listener);
        }

        @Override
        public boolean isOwn(String notification) {
            return notification.equals("own");
        }
    }

    /** Positions count from 1. */
    private Stream<TrackedEventMessage<?>> batchAfter(TrackingToken place) {
        looks.incrementAndGet();
        long now = System.nanoTime();
        lastGap = Duration.ofNanos(now - lookedAt);
        lookedAt = now;
        long last = place == null ? 0 : place.position().orElseThrow();
        return LongStream.rangeClosed(last + 1, Math.min(last + batch, head))
                .mapToObj(position -> new GenericTrackedDomainEventMessage<>(
                        new GlobalSequenceTrackingToken(position),
                        new GenericDomainEventMessage<>(
                                "Run",
                                Recorded.id(position).toString(),
                                0,
                                "payload",
                                Map.of(RecordedEvent.PROJECT, "default", RecordedEvent.POSITION, position))));
    }

    private void commit(long events, boolean heard) {
        head += events;
        if (heard) {
            TestDatabase.jdbc()
                    .sql("select pg_notify('" + CommitSignal.CHANNEL + "', '')")
                    .query((_, _) -> 0)
                    .list();
        }
    }

    private void listen() {
        signal.start();
        await().atMost(SOON).until(signal::isListening);
    }

    private static List<Long> take(BlockingStream<TrackedEventMessage<?>> stream, int count)
            throws InterruptedException {
        List<Long> positions = new ArrayList<>();
        while (positions.size() < count && stream.hasNextAvailable(10, TimeUnit.SECONDS)) {
            EventBatch next = takeOne(stream);
            next.events().forEach(event -> positions.add(event.position()));
            next.end();
        }
        return positions;
    }

    private static EventBatch takeOne(BlockingStream<TrackedEventMessage<?>> stream) throws InterruptedException {
        TrackedEventMessage<?> message = stream.nextAvailable();
        EventBatch batch = (EventBatch) message.getPayload();
        assertThat(message.trackingToken().position()).hasValue(batch.last());
        assertThat(batch.events().getLast().position()).isEqualTo(batch.last());
        return batch;
    }

    @AfterEach
    void stop() {
        signal.stop();
    }

    @Test
    void one_signal_is_enough_for_all_that_is_there() throws InterruptedException {
        listen();
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        assertThat(stream.hasNextAvailable()).isFalse();

        commit(3 * BATCH + 1, true);

        assertThat(take(stream, 3 * BATCH + 1))
                .isEqualTo(LongStream.rangeClosed(1, 3 * BATCH + 1).boxed().toList());
        assertThat(stream.hasNextAvailable()).isFalse();
    }

    @Test
    void what_the_node_itself_recorded_needs_no_signal() throws InterruptedException {
        listen();
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        assertThat(stream.hasNextAvailable()).isFalse();
        long begun = System.nanoTime();

        commit(1, false);
        recorded.get().run();

        assertThat(take(stream, 1)).containsExactly(1L);
        // Sooner than without being told.
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(900));
    }

    @Test
    void what_the_node_itself_recorded_is_not_asked_of_the_ledger() throws InterruptedException {
        for (long position : new long[] {4, 5, 7}) {
            StoredEvent event = new StoredEvent(
                    "id",
                    "default",
                    Recorded.id(position),
                    0,
                    "run.queued",
                    1,
                    NOW,
                    NOW,
                    "me",
                    null,
                    null,
                    null,
                    new Json("{}"));
            remembered.add(new RecentRecord.Entry(event, new RunEvent.RunQueued(), new byte[32], position));
        }
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(new GlobalSequenceTrackingToken(3));
        EventBatch first = takeOne(stream);
        first.end();
        assertThat(first.events()).singleElement().satisfies(event -> {
            assertThat(event.runId()).isEqualTo(Recorded.id(4));
            assertThat(event.event()).isNotNull();
        });
        assertThat(take(stream, 1)).containsExactly(5L);
        assertThat(looks).hasValue(0);
        // The sixth was another node's.
        commit(6, false);
        assertThat(take(stream, 1)).containsExactly(6L);
        assertThat(looks).hasValue(1);
        assertThat(take(stream, 1)).containsExactly(7L);
        assertThat(looks).hasValue(1);
    }

    @Test
    void nobody_asks_the_ledger_while_nothing_is_committed() {
        listen();
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        await().during(A_WHILE).atMost(SOON).until(() -> !stream.hasNextAvailable());
        assertThat(looks.get()).isBetween(1, 3);
    }

    @Test
    void what_was_not_heard_of_is_found_by_looking() throws InterruptedException {
        BlockingStream<TrackedEventMessage<?>> deaf = tail.openStream(null);
        assertThat(deaf.hasNextAvailable()).isFalse();
        commit(1, false);
        assertThat(take(deaf, 1)).containsExactly(1L);

        listen();
        commit(1, false);
        assertThat(take(deaf, 1)).containsExactly(2L);
    }

    /** How long after the look before it the next look comes that finds so many events. */
    private Duration gapBefore(int events, BlockingStream<TrackedEventMessage<?>> stream) throws InterruptedException {
        batch = events;
        commit(2L * events, true);
        assertThat(take(stream, 2 * events)).hasSize(2 * events);
        return lastGap;
    }

    @Test
    void when_very_much_happens_it_looks_less_often() throws InterruptedException {
        listen();
        assertThat(gapBefore(VERY_MUCH, tail.openStream(null))).isGreaterThanOrEqualTo(SLOWEST_PACE);
    }

    @Test
    void who_waits_for_a_view_does_not_wait_for_more_to_happen() {
        listen();
        awaited.set(true);
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        await().atMost(SOON).until(() -> gapBefore(VERY_MUCH, stream).compareTo(SLOWEST_PACE) < 0);
    }

    @Test
    void who_is_behind_looks_again_at_once() {
        listen();
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        await().atMost(SOON).until(() -> gapBefore(BEHIND, stream).compareTo(SLOWEST_PACE) < 0);
    }

    @Test
    void one_batch_is_read_while_another_is_written_and_no_more() throws InterruptedException {
        commit(BATCH, false);
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        batch = 1;
        EventBatch first = takeOne(stream);
        EventBatch second = takeOne(stream);
        await().during(A_WHILE).atMost(SOON).until(() -> !stream.hasNextAvailable());
        second.end();
        assertThat(takeOne(stream).last()).isEqualTo(3);
        first.end();
        assertThat(takeOne(stream).last()).isEqualTo(4);
    }

    @Test
    void a_batch_ends_however_much_there_is() throws InterruptedException {
        batch = 2_500;
        commit(batch, false);
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        List<Integer> sizes = new ArrayList<>();
        while (stream.hasNextAvailable()) {
            EventBatch next = takeOne(stream);
            sizes.add(next.events().size());
            next.end();
        }
        assertThat(sizes).containsExactly(1_000, 1_000, 500);
    }

    @Test
    void a_stream_begins_after_its_token() throws InterruptedException {
        commit(5, false);
        assertThat(take(tail.openStream(new GlobalSequenceTrackingToken(3)), 2)).containsExactly(4L, 5L);
    }

    @Test
    void a_look_at_the_next_event_does_not_take_it() throws InterruptedException {
        commit(2, false);
        BlockingStream<TrackedEventMessage<?>> stream = tail.openStream(null);
        assertThat(stream.peek()).isEqualTo(stream.peek()).isPresent();
        assertThat(take(stream, 2)).containsExactly(1L, 2L);
        assertThat(stream.peek()).isEmpty();
    }
}
