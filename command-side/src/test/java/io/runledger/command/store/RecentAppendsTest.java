package io.runledger.command.store;

import static io.runledger.command.store.TestEvents.CONTEXT;
import static io.runledger.command.store.TestEvents.append;
import static io.runledger.command.store.TestEvents.command;
import static io.runledger.command.store.TestEvents.context;
import static io.runledger.command.store.TestEvents.created;
import static io.runledger.command.store.TestEvents.engine;
import static io.runledger.command.store.TestEvents.newRun;
import static io.runledger.command.store.TestEvents.note;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.runledger.api.RecentRecord;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunQueued;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.StoredEvent;
import io.runledger.command.run.SampleEvents;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.MetaData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Who follows the ledger gets the same events in the same order, whether from the node's memory or from the database. */
class RecentAppendsTest {

    private TestPostgres postgres;
    private CountingDataSource counting;
    private PostgresEventStorageEngine here;
    private PostgresEventStorageEngine elsewhere;

    @BeforeEach
    void open() {
        postgres = TestPostgres.create();
        counting = new CountingDataSource(postgres.app());
        here = engine(counting);
        elsewhere = engine(postgres.app());
    }

    @AfterEach
    void close() {
        here.close();
        elsewhere.close();
        postgres.close();
    }

    @Test
    void an_event_of_any_type_comes_from_memory_as_from_the_database() {
        RunId run = newRun();
        append(here, run, 0, SampleEvents.all().toArray(RunEvent[]::new));
        Instant happened = Instant.parse("2026-01-02T03:04:05.678901Z");
        here.appendEvents(command(newRun(), 0, context("other", "command-1", happened), note("n", "[1,2.50]")));
        int appends = counting.statements();

        List<Seen> remembered = follow(here, 0);
        assertThat(remembered).hasSize(SampleEvents.all().size() + 1).isEqualTo(follow(engine(postgres.app()), 0));
        // The last question is whether there are more.
        assertThat(counting.statements()).isEqualTo(appends + 1);
    }

    @Test
    void what_is_remembered_is_what_the_database_keeps() {
        RunId run = newRun();
        append(here, run, 0, SampleEvents.all().toArray(RunEvent[]::new));
        List<RecentRecord.Entry> entries = here.recent().entriesAfter(0, 1_000);
        assertThat(entries).hasSize(SampleEvents.all().size());
        for (RecentRecord.Entry entry : entries) {
            assertThat(postgres.jdbc()
                            .sql("select payload::text || encode(hash, 'hex') from ledger.event where position = ?")
                            .param(entry.position())
                            .query(String.class)
                            .single())
                    .isEqualTo(entry.event().payload().text() + HexFormat.of().formatHex(entry.hash()));
        }
        assertThat(here.recent().entriesAfter(0, 3)).isEqualTo(entries.subList(0, 3));
        assertThat(here.recent().entriesAfter(entries.getLast().position(), 3)).isEmpty();
        assertThat(elsewhere.recent().entriesAfter(0, 3)).isEmpty();
    }

    @Test
    void where_no_other_node_listens_nobody_is_notified_and_who_waits_here_is_called() throws Exception {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean others = new AtomicBoolean();
        try (PostgresEventStorageEngine alone = engine(postgres.app(), Clock.systemUTC(), others::get);
                Connection connection = postgres.app().getConnection();
                Statement statement = connection.createStatement()) {
            for (String channel : List.of(EventInsert.CHANNEL, WorkChannels.QUEUE, WorkChannels.GATE)) {
                statement.execute("listen " + channel);
                alone.on(channel, () -> calls.add(channel));
            }
            alone.recent().onRecord(() -> calls.add("recorded"));

            alone.appendEvents(queued(newRun()));
            assertThat(calls).containsExactlyInAnyOrder("recorded", WorkChannels.QUEUE);
            PGConnection notified = connection.unwrap(PGConnection.class);
            assertThat(notified.getNotifications(200)).isNullOrEmpty();

            others.set(true);
            alone.appendEvents(queued(newRun()));
            List<String> told = new ArrayList<>();
            while (told.size() < 2) {
                for (PGNotification one : notified.getNotifications(10_000)) {
                    told.add(one.getName());
                }
            }
            assertThat(told).containsExactlyInAnyOrder(EventInsert.CHANNEL, WorkChannels.QUEUE);
            assertThat(calls).hasSize(4);
        }
    }

    @Test
    void a_listener_that_fails_makes_no_durable_event_look_refused_and_keeps_nobody_else_from_it() {
        List<String> calls = new ArrayList<>();
        here.recent().onRecord(() -> {
            throw new IllegalStateException("a listener's fault, as this test wants it");
        });
        here.recent().onRecord(() -> calls.add("recorded"));
        here.on(WorkChannels.QUEUE, () -> calls.add("queued"));

        here.appendEvents(queued(newRun()));
        assertThat(calls).containsExactly("recorded", "queued");
        assertThat(follow(here, 0)).hasSize(1).isEqualTo(follow(engine(postgres.app()), 0));
    }

    /** A run that begins by waiting for a worker. */
    private static List<EventMessage<?>> queued(RunId run) {
        WorkChange work = new WorkChange.Standing(
                run,
                0,
                "default",
                RunStatus.QUEUED,
                "q",
                "task:t",
                0,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null);
        MetaData header = EventHeader.of(CONTEXT, true).and(EventHeader.WORK, work);
        return List.of(new GenericDomainEventMessage<>("Run", run.toString(), 0, created(run, null), header));
    }

    @Test
    void all_nodes_are_told_and_each_knows_what_was_its_own() throws Exception {
        List<String> records = Collections.synchronizedList(new ArrayList<>());
        here.recent().onRecord(() -> records.add("here"));
        elsewhere.recent().onRecord(() -> records.add("elsewhere"));
        try (Connection connection = postgres.app().getConnection();
                Statement listen = connection.createStatement()) {
            listen.execute("listen " + EventInsert.CHANNEL);
            append(here, newRun(), 0, note("n", "1"));
            append(elsewhere, newRun(), 0, note("n", "1"));
            List<String> told = new ArrayList<>();
            PGConnection notified = connection.unwrap(PGConnection.class);
            while (told.size() < 2) {
                for (PGNotification one : notified.getNotifications(10_000)) {
                    told.add(one.getParameter());
                }
            }
            assertThat(told).map(here.recent()::isOwn).containsExactly(true, false);
            assertThat(told).map(elsewhere.recent()::isOwn).containsExactly(false, true);
        }
        assertThat(records).containsExactly("here", "elsewhere");
        assertThat(here.recent().isOwn("")).isFalse();
    }

    @Test
    void what_another_node_wrote_in_between_is_neither_missed_nor_doubled() {
        long seed = Long.getLong("runledger.seed", System.nanoTime());
        Random random = new Random(seed);
        long place = 0;
        List<Seen> followed = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            PostgresEventStorageEngine node = random.nextInt(4) == 0 ? elsewhere : here;
            RunId run = newRun();
            String key = random.nextInt(10) == 0 ? "taken" : null;
            RunEvent[] events = random.nextInt(20) == 0
                    ? new RunEvent[] {created(run, key), note("large", "\"" + "x".repeat(5_000) + "\"")}
                    : new RunEvent[] {created(run, key), new RunQueued()};
            // A key that is taken leaves a hole where the refused events would have been.
            Throwable refused = catchThrowable(() -> append(node, run, 0, events));
            assertThat(refused)
                    .satisfiesAnyOf(
                            none -> assertThat(none).isNull(),
                            e -> assertThat(e).isInstanceOf(AppendRefused.class));
            if (random.nextInt(5) == 0) {
                List<Seen> next = next(here, place);
                followed.addAll(next);
                place = next.isEmpty() ? place : next.getLast().position();
            }
        }
        followed.addAll(follow(here, place));
        assertThat(followed).as("seed %d", seed).isEqualTo(follow(engine(postgres.app()), 0));
    }

    @Test
    void who_is_far_behind_reads_from_the_database() {
        RunId run = newRun();
        append(here, run, 0, created(run, null));
        for (int first = 1; first < 10_001; first += 1_000) {
            append(
                    here,
                    run,
                    first,
                    IntStream.range(0, 1_000).mapToObj(n -> note("n", "1")).toArray(RunEvent[]::new));
        }
        assertThat(here.recent().entriesAfter(0, 1)).isEmpty();
        assertThat(follow(here, 0)).hasSize(10_001).isEqualTo(follow(engine(postgres.app()), 0));
    }

    @Test
    void what_is_remembered_is_bounded_in_characters_too() {
        RunId run = newRun();
        append(here, run, 0, created(run, null));
        RunEvent[] longOnes = Stream.generate(() -> note("n", "\"" + "x".repeat(4_000) + "\""))
                .limit(1_000)
                .toArray(RunEvent[]::new);
        for (int first = 1; first < 5_001; first += 1_000) {
            append(here, run, first, longOnes);
        }
        List<RecentRecord.Entry> kept = here.recent().entriesAfter(1_001, 10_000);
        assertThat(here.recent().entriesAfter(0, 10_000)).isEmpty();
        assertThat(kept).hasSize(4_000);
        assertThat(kept.stream()
                        .mapToInt(entry -> entry.event().payload().text().length())
                        .sum())
                .isLessThanOrEqualTo(1 << 24);
    }

    /** All that can be seen of an event that was read. */
    private record Seen(
            String id, String run, long sequence, Object content, Object header, Instant at, long position) {

        static Seen of(TrackedEventMessage<?> tracked) {
            DomainEventMessage<?> event = (DomainEventMessage<?>) tracked;
            return new Seen(
                    event.getIdentifier(),
                    event.getAggregateIdentifier(),
                    event.getSequenceNumber(),
                    event.getPayload(),
                    event.getMetaData(),
                    event.getTimestamp(),
                    tracked.trackingToken().position().orElseThrow());
        }

        static Seen of(RecentRecord.Entry entry) {
            StoredEvent event = entry.event();
            MetaData header = EventHeader.of(
                    entry.position(),
                    event.occurredAt(),
                    event.project(),
                    event.actor(),
                    event.correlationId(),
                    event.causationId(),
                    event.commandId());
            return new Seen(
                    event.id(),
                    event.runId().toString(),
                    event.sequence(),
                    entry.content(),
                    header,
                    event.recordedAt(),
                    entry.position());
        }
    }

    /** What who follows the ledger reads next after this place. */
    private static List<Seen> next(PostgresEventStorageEngine engine, long place) {
        List<RecentRecord.Entry> written = engine.recent().entriesAfter(place, 1_000);
        return written.isEmpty()
                ? engine.readAfter(place == 0 ? null : new GlobalSequenceTrackingToken(place))
                        .map(Seen::of)
                        .toList()
                : written.stream().map(Seen::of).toList();
    }

    /** Everything after this place, a batch after the other. */
    private static List<Seen> follow(PostgresEventStorageEngine engine, long place) {
        List<Seen> all = new ArrayList<>();
        long last = place;
        for (List<Seen> next = next(engine, last); !next.isEmpty(); next = next(engine, last)) {
            all.addAll(next);
            last = next.getLast().position();
        }
        return all;
    }
}
