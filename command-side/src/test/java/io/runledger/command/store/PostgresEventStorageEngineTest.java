package io.runledger.command.store;

import static io.runledger.command.store.TestEvents.append;
import static io.runledger.command.store.TestEvents.command;
import static io.runledger.command.store.TestEvents.context;
import static io.runledger.command.store.TestEvents.created;
import static io.runledger.command.store.TestEvents.engine;
import static io.runledger.command.store.TestEvents.messages;
import static io.runledger.command.store.TestEvents.newRun;
import static io.runledger.command.store.TestEvents.note;
import static io.runledger.command.store.TestEvents.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import io.runledger.command.run.SampleEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.upcasting.event.NoOpEventUpcaster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class PostgresEventStorageEngineTest {

    private static final int MEGABYTE = 1 << 20;

    private final TestClock clock = new TestClock();
    private TestPostgres postgres;
    private PostgresEventStorageEngine engine;

    @BeforeEach
    void open() {
        postgres = TestPostgres.create();
        engine = engine(postgres.app(), clock);
    }

    @AfterEach
    void close() {
        postgres.close();
    }

    @Test
    void what_was_appended_is_read_by_run_in_order() {
        RunId run = newRun();
        RunId other = newRun();
        append(engine, run, 0, created(run, null), new RunQueued());
        append(engine, other, 0, created(other, null));
        append(engine, run, 2, new RunStarted(1, "w", 30), note("a", "{\"b\":1}"));

        assertThat(payloads(engine, run))
                .containsExactly(
                        created(run, null), new RunQueued(), new RunStarted(1, "w", 30), note("a", "{\"b\":1}"));
        assertThat(engine.readEvents(run.toString(), 2).asStream().map(DomainEventMessage::getSequenceNumber))
                .containsExactly(2L, 3L);
        assertThat(engine.readEvents(run.value().toString(), 0).asStream()).hasSize(4);
        assertThat(engine.lastSequenceNumberFor(run.toString())).contains(3L);
        assertThat(engine.lastSequenceNumberFor(newRun().toString())).isEmpty();
        assertThat(messages(engine, newRun())).isEmpty();
    }

    @Test
    void every_event_type_comes_back_equal() {
        RunId run = newRun();
        List<RunEvent> events = SampleEvents.all();
        append(engine, run, 0, events.toArray(RunEvent[]::new));

        assertThat(engine.readEvents((org.axonframework.eventhandling.TrackingToken) null, false)
                        .<RunEvent>map(message -> (RunEvent) message.getPayload()))
                .isEqualTo(events);
        List<RunEvent> folded = events.stream()
                .map(event -> event instanceof RunItemsAdded added ? withoutInputs(added) : event)
                .toList();
        assertThat(payloads(engine, run)).isEqualTo(folded);
    }

    @Test
    void the_events_of_many_runs_are_read_up_to_a_position_however_many_there_are() {
        List<RunId> runs = Stream.generate(TestEvents::newRun).limit(450).toList();
        for (RunId run : runs) {
            append(engine, run, 0, created(run, null), new RunQueued());
        }
        RunId large = runs.get(3);
        RunEvent note = note("n", "\"" + "x".repeat(MEGABYTE) + "\"");
        for (int first = 2; first < 12; first++) {
            append(engine, large, first, note);
        }
        RunId longest = runs.get(300);
        append(
                engine,
                longest,
                2,
                Collections.nCopies(2_500, new RunStarted(1, "w", 30)).toArray(RunEvent[]::new));
        long position = positionOfLast();
        append(engine, runs.getFirst(), 2, note);
        append(engine, newRun(), 0, created(newRun(), null));

        Map<RunId, List<Long>> read = new HashMap<>();
        List<RunId> wanted = new ArrayList<>(runs);
        wanted.add(newRun());
        RunId previous = null;
        for (DomainEventStream stream = engine.readRuns(wanted, position); stream.hasNext(); ) {
            DomainEventMessage<?> message = stream.next();
            RunId run = RunId.of(message.getAggregateIdentifier());
            assertThat(run.equals(previous) || !read.containsKey(run)).isTrue();
            read.computeIfAbsent(run, _ -> new ArrayList<>()).add(message.getSequenceNumber());
            previous = run;
        }

        assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(runs);
        read.forEach((run, sequences) -> assertThat(sequences)
                .isEqualTo(LongStream.range(0, run.equals(longest) ? 2_502 : run.equals(large) ? 12 : 2)
                        .boxed()
                        .toList()));
        assertThat(engine.readRuns(List.of(), position).hasNext()).isFalse();
    }

    @Test
    void what_was_read_ahead_of_a_run_is_taken_once_and_only_whole() {
        RunId small = newRun();
        append(engine, small, 0, created(small, null), new RunQueued());
        RunId long1 = newRun();
        append(engine, long1, 0, created(long1, null));
        append(engine, long1, 1, Collections.nCopies(700, note("n", "1")).toArray(RunEvent[]::new));
        RunId long2 = newRun();
        append(engine, long2, 0, created(long2, null));
        append(engine, long2, 1, Collections.nCopies(700, note("n", "1")).toArray(RunEvent[]::new));

        engine.readAhead(List.of(small, long1, long2, newRun()));
        append(engine, small, 2, new RunStarted(1, "w", 30));

        assertThat(payloads(engine, small)).hasSize(2);
        assertThat(payloads(engine, small)).hasSize(3);
        assertThat(payloads(engine, long1)).hasSize(701);
        assertThat(payloads(engine, long2)).hasSize(701);
    }

    private long positionOfLast() {
        return tail(null).getLast().trackingToken().position().orElseThrow();
    }

    @Test
    void names_and_strings_may_hold_half_a_surrogate_pair() {
        RunId run = newRun();
        RunEvent odd = note("odd", "{\"a\\ud800\":\"\\udc00\\u0000\"}");
        append(engine, run, 0, created(run, null), odd);

        assertThat(payloads(engine, run)).containsExactly(created(run, null), odd);
        assertThat(tail(null).getLast().getPayload()).isEqualTo(odd);
    }

    private static RunEvent withoutInputs(RunItemsAdded added) {
        return new RunItemsAdded(
                added.first(), java.util.Collections.nCopies(added.inputs().size(), Json.NULL));
    }

    @Test
    void everything_is_read_in_the_order_of_positions_from_any_token() {
        RunId one = newRun();
        RunId two = newRun();
        append(engine, one, 0, created(one, null), new RunQueued());
        append(engine, two, 0, created(two, null), new RunQueued());
        append(engine, one, 2, new RunStarted(1, null, null));

        List<? extends TrackedEventMessage<?>> all = tail(null);
        assertThat(all).extracting(PostgresEventStorageEngineTest::runOf).containsExactly(one, one, two, two, one);
        assertThat(positions(all)).isSorted().doesNotHaveDuplicates();
        for (int i = 0; i < all.size(); i++) {
            assertThat(positions(tail(all.get(i).trackingToken())))
                    .isEqualTo(positions(all.subList(i + 1, all.size())));
        }
    }

    @Test
    void the_tail_is_before_everything_and_the_head_after_everything() {
        assertThat(engine.createTailToken()).isNull();
        assertThat(engine.createHeadToken()).isNull();
        RunId run = newRun();
        append(engine, run, 0, created(run, null), new RunQueued());

        assertThat(tail(engine.createTailToken())).hasSize(2);
        assertThat(tail(engine.createHeadToken())).isEmpty();
        clock.turn(Duration.ofHours(1));
        append(engine, run, 2, new RunCancelled(null));
        assertThat(tail(engine.createTokenAt(clock.instant().minusSeconds(60)))).hasSize(1);
        assertThat(tail(engine.createTokenAt(Instant.EPOCH))).hasSize(3);
    }

    @Test
    void a_batch_is_limited_by_count() {
        RunId run = newRun();
        append(engine, run, 0, notes(450));

        assertThat(engine.fetchDomainEvents(run.toString(), 0, 200)).hasSize(200);
        assertThat(engine.fetchTrackedEvents(null, 200)).hasSize(200);
        assertThat(engine.fetchTrackedEvents(new GlobalSequenceTrackingToken(lastPosition() - 3), 200))
                .hasSize(3);
        assertThat(messages(engine, run)).hasSize(450);
        assertThat(tail(null)).hasSize(450);
    }

    @Test
    void a_batch_is_limited_by_bytes_and_nothing_is_lost_by_that() {
        RunId run = newRun();
        String large = "\"" + "é".repeat(MEGABYTE / 2) + "\"";
        for (int i = 0; i < 12; i++) {
            append(engine, run, i, note("large", large));
        }

        assertThat(engine.fetchDomainEvents(run.toString(), 0, 200)).hasSize(4);
        assertThat(engine.fetchTrackedEvents(null, 200)).hasSize(4);
        assertThat(messages(engine, run)).hasSize(12);
        assertThat(tail(null)).hasSize(12);
    }

    @Test
    void one_event_larger_than_a_batch_is_read_alone() {
        RunId run = newRun();
        append(engine, run, 0, note("huge", "\"" + "x".repeat(5 * MEGABYTE) + "\""), note("small", null));

        assertThat(engine.fetchDomainEvents(run.toString(), 0, 200)).hasSize(1);
        assertThat(payloads(engine, run)).hasSize(2);
    }

    @Test
    void the_second_writer_of_a_version_is_refused() {
        RunId run = newRun();
        append(engine, run, 0, created(run, null), new RunQueued());
        append(engine, run, 2, new RunCancelled("first"));

        assertRefused(
                AppendRefused.Rule.ONE_EVENT_PER_VERSION,
                () -> append(engine(postgres.app()), run, 2, new RunCancelled("second")));
        assertThat(payloads(engine, run)).last().isEqualTo(new RunCancelled("first"));
    }

    @Test
    void nothing_of_a_command_is_written_when_one_of_its_events_is_refused() {
        RunId run = newRun();
        append(engine, run, 0, notes(4));
        long before = count();

        // Events 2 and 3 exist, 4 and 5 would be new.
        assertRefused(AppendRefused.Rule.ONE_EVENT_PER_VERSION, () -> append(engine, run, 2, notes(4)));

        assertThat(count()).isEqualTo(before);
        append(engine, run, 4, notes(2));
        assertThat(chain(run)).isEqualTo(recomputed(run));
    }

    @Test
    void a_command_id_has_one_effect_in_its_run_and_another_one_elsewhere() {
        RunId run = newRun();
        RunId other = newRun();
        engine.appendEvents(command(run, 0, context("default", "c1", null), created(run, null), new RunQueued()));
        engine.appendEvents(command(other, 0, context("default", "c1", null), created(other, null)));

        assertRefused(
                AppendRefused.Rule.ONE_EFFECT_PER_COMMAND,
                () -> engine.appendEvents(command(run, 2, context("default", "c1", null), new RunCancelled(null))));
        assertThat(payloads(engine, run)).hasSize(2);
    }

    @Test
    void a_key_belongs_to_one_run_of_a_project() {
        RunId run = newRun();
        RunId other = newRun();
        append(engine, run, 0, created(run, "case-7"));

        assertRefused(AppendRefused.Rule.ONE_RUN_PER_KEY, () -> append(engine, other, 0, created(other, "case-7")));
        engine.appendEvents(command(other, 0, context("another", null, null), created(other, "case-7")));
        RunDirectory directory = new RunDirectory(postgres.jdbc());
        assertThat(directory.runOfKey("default", "case-7")).isEqualTo(run);
        assertThat(directory.runOfKey("another", "case-7")).isEqualTo(other);
        assertThat(directory.runOfKey("third", "case-7")).isNull();
    }

    @Test
    void whose_key_it_is_is_asked_once_and_not_at_all_when_the_run_was_recorded_here() {
        RunId run = newRun();
        append(engine, run, 0, created(run, "asked"));
        CountingDataSource counting = new CountingDataSource(postgres.app());
        RunDirectory directory = new RunDirectory(JdbcClient.create(counting));
        assertThat(directory.runOfKey("default", "later")).isNull();
        assertThat(directory.runOfKey("default", "asked")).isEqualTo(run);
        assertThat(directory.runOfKey("default", "asked")).isEqualTo(run);
        assertThat(counting.statements()).isEqualTo(2);

        RunId later = newRun();
        try (PostgresEventStorageEngine told = PostgresEventStorageEngine.create(
                postgres.app(),
                EventSerializer.create(),
                NoOpEventUpcaster.INSTANCE,
                clock,
                () -> true,
                List.of(directory))) {
            append(told, later, 0, created(later, "later"));
        }
        assertThat(directory.runOfKey("default", "later")).isEqualTo(later);
        assertThat(directory.runOfKey("other", "later")).isNull();
        assertThat(counting.statements()).isEqualTo(3);
    }

    @Test
    void positions_rise_in_the_order_of_commits_and_inside_a_command() {
        RunId run = newRun();
        append(engine, run, 0, notes(1_000));
        RunId other = newRun();
        append(engine, other, 0, notes(3));
        append(engine, run, 1_000, notes(3));

        assertThat(sequences("select sequence from ledger.event where run_id = ? order by position", run))
                .isEqualTo(LongStream.range(0, 1_003).boxed().toList());
        assertThat(tail(null).stream()
                        .map(PostgresEventStorageEngineTest::runOf)
                        .distinct())
                .containsExactly(run, other);
        assertThat(runOf(tail(null).getLast())).isEqualTo(run);
    }

    @Test
    void the_chain_holds_also_when_another_node_wrote_the_event_before() {
        RunId run = newRun();
        PostgresEventStorageEngine otherNode = engine(postgres.app(), clock);
        append(engine, run, 0, created(run, null), new RunQueued());
        append(otherNode, run, 2, new RunStarted(1, null, null));
        append(otherNode, run, 3, note("a", null), note("b", "{}"));
        append(engine, run, 5, new RunSucceeded(SampleEvents.HARD, 0));

        assertThat(chain(run)).hasSize(6).isEqualTo(recomputed(run));
    }

    @Test
    void recorded_at_never_decreases_in_a_run_whatever_the_clocks_do() {
        RunId run = newRun();
        TestClock behind = new TestClock();
        behind.turn(Duration.ofHours(-2));
        PostgresEventStorageEngine nodeBehind = engine(postgres.app(), behind);
        append(engine, run, 0, created(run, null));
        append(nodeBehind, run, 1, note("a", null));
        clock.turn(Duration.ofMinutes(-5));
        append(engine, run, 2, note("b", null));
        clock.turn(Duration.ofHours(1));
        append(engine, run, 3, note("c", null));

        List<Instant> times =
                messages(engine, run).map(DomainEventMessage::getTimestamp).toList();
        assertThat(times).isSorted();
        assertThat(times.get(2)).isEqualTo(times.get(0));
        assertThat(times.get(3)).isEqualTo(Instant.parse("2026-01-31T12:55:00.123456Z"));
        assertThat(chain(run)).isEqualTo(recomputed(run));
    }

    @Test
    void a_node_whose_clock_is_ahead_does_not_carry_that_into_other_runs() {
        TestClock ahead = new TestClock();
        ahead.turn(Duration.ofDays(1));
        RunId touched = newRun();
        append(engine(postgres.app(), ahead), touched, 0, created(touched, null));
        append(engine, touched, 1, new RunQueued());

        RunId other = newRun();
        append(engine, other, 0, created(other, null));

        assertThat(messages(engine, other).map(DomainEventMessage::getTimestamp))
                .containsExactly(Instant.parse("2026-01-31T12:00:00.123456Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"b\":18446744073709551616,\"a\":1.10,\"c\":1e400,\"a2\":-0.0}",
                "{\"lone\":\"\\ud800\",\"nul\":\"\\u0000\",\"\\u0000\":1}",
                "\"é🏠\\\"\\\\\"",
                "[null,true,false,[],{},\"\"]",
                "{\"d\":1,\"d\":2}",
                "null"
            })
    void a_payload_is_kept_byte_by_byte(String json) {
        RunId run = newRun();
        append(engine, run, 0, note("x", json));

        String text = "{\"type\":\"x\",\"payload\":" + json + "}";
        assertThat(JdbcClient.create(postgres.app())
                        .sql("select payload::text from ledger.event")
                        .query(String.class)
                        .single())
                .isEqualTo(text);
        assertThat(JdbcClient.create(postgres.app())
                        .sql("select payload_bytes = octet_length(payload::text) from ledger.event")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThat(payloads(engine, run)).containsExactly(note("x", json));
        assertThat(chain(run)).isEqualTo(recomputed(run));
    }

    @Test
    void the_header_comes_back_as_it_was_given() {
        RunId run = newRun();
        Instant occurredAt = Instant.parse("1999-12-31T23:59:59.123456789Z");
        engine.appendEvents(
                command(run, 0, context("my project", "c/1", occurredAt), created(run, "k"), new RunQueued()));

        List<? extends DomainEventMessage<?>> events = messages(engine, run).toList();
        MetaData first = events.get(0).getMetaData();
        assertThat(first)
                .containsEntry(EventHeader.PROJECT, "my project")
                .containsEntry(EventHeader.ACTOR, "key:ci")
                .containsEntry(EventHeader.CORRELATION_ID, "req-1")
                .containsEntry(EventHeader.CAUSATION_ID, "c/1")
                .containsEntry(EventHeader.COMMAND_ID, "c/1")
                .containsEntry(EventHeader.OCCURRED_AT, Instant.parse("1999-12-31T23:59:59.123456Z"))
                .containsKey(EventHeader.POSITION);
        assertThat(events.get(1).getMetaData())
                .containsEntry(EventHeader.CAUSATION_ID, "c/1")
                .doesNotContainKey(EventHeader.COMMAND_ID);
        assertThat(events.get(0).getTimestamp()).isEqualTo(Instant.parse("2026-01-31T12:00:00.123456Z"));
        assertThat(Ulid.parse(events.get(0).getIdentifier())).isNotNull();
        assertThat(tail(null).getFirst().getMetaData()).isEqualTo(first);
    }

    @Test
    void without_a_claim_a_thing_happened_when_it_was_recorded() {
        RunId run = newRun();
        append(engine, run, 0, created(run, null));

        DomainEventMessage<?> event = messages(engine, run).findFirst().orElseThrow();
        assertThat(event.getMetaData()).containsEntry(EventHeader.OCCURRED_AT, event.getTimestamp());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update ledger.event set actor = 'me'",
                "delete from ledger.event",
                "truncate ledger.event",
                "drop table ledger.event",
                "alter table ledger.event disable trigger all",
                "insert into ledger.secret values ('x', decode(repeat('00', 32), 'hex'))",
                "update ledger.secret set value = decode(repeat('00', 32), 'hex')"
            })
    void the_application_may_not_change_history(String statement) {
        RunId run = newRun();
        append(engine, run, 0, created(run, null));

        assertThatThrownBy(() -> execute(postgres.app(), statement))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getSQLState()).isEqualTo("42501"));
        assertThat(count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update ledger.event set actor = 'me'",
                "update ledger.event set actor = 'me' where false",
                "delete from ledger.event",
                "truncate ledger.event"
            })
    void even_the_owner_is_stopped_by_the_trigger(String statement) {
        RunId run = newRun();
        append(engine, run, 0, created(run, null));

        assertThatThrownBy(() -> execute(postgres.owner(), statement))
                .hasMessageContaining("an event is never changed or deleted");
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void an_append_is_one_statement_and_after_a_foreign_event_two() {
        CountingDataSource counting = new CountingDataSource(postgres.app());
        PostgresEventStorageEngine counted = engine(counting, clock);
        RunId run = newRun();
        append(counted, run, 0, notes(100));
        append(counted, run, 100, notes(3));
        assertThat(counting.statements()).isEqualTo(2);

        append(engine, run, 103, notes(1));
        append(counted, run, 104, notes(1));
        assertThat(counting.statements()).isEqualTo(4);

        append(engine, run, 105, notes(1));
        assertThat(payloads(counted, run)).hasSize(106);
        append(counted, run, 106, notes(1));
        assertThat(counting.statements()).as("one to load it, one to append").isEqualTo(6);
    }

    @Test
    void a_command_that_comes_alone_is_written_without_another_thread() {
        List<Thread> writers = new ArrayList<>();
        DataSource observed = new DelegatingDataSource(postgres.app()) {
            @Override
            public Connection getConnection() throws SQLException {
                writers.add(Thread.currentThread());
                return super.getConnection();
            }
        };
        PostgresEventStorageEngine alone = engine(observed, clock);
        RunId run = newRun();
        append(alone, run, 0, created(run, null));
        append(alone, run, 1, notes(1));
        assertThat(writers).containsExactly(Thread.currentThread());
    }

    @Test
    void a_command_that_was_overtaken_fails_none_of_those_that_waited_with_it() throws Exception {
        RunId taken = newRun();
        append(engine, taken, 0, created(taken, null));
        LinkedHashMap<RunId, RunCreated> creates = new LinkedHashMap<>();
        for (RunId run : List.of(newRun(), newRun(), taken, newRun(), newRun())) {
            creates.put(run, created(run, null));
        }
        waitTogether(creates, taken, AppendRefused.Rule.ONE_EVENT_PER_VERSION);
    }

    @Test
    void a_create_that_is_sent_again_fails_none_of_those_that_waited_with_it() throws Exception {
        RunId first = newRun();
        append(engine, first, 0, created(first, "case-7"));
        RunId again = newRun();
        LinkedHashMap<RunId, RunCreated> creates = new LinkedHashMap<>();
        for (RunId run : List.of(newRun(), newRun(), again, newRun())) {
            creates.put(run, created(run, run.equals(again) ? "case-7" : run.toString()));
        }
        RunId keyless = newRun();
        creates.put(keyless, created(keyless, null));
        waitTogether(creates, again, AppendRefused.Rule.ONE_RUN_PER_KEY);
    }

    /** Appends all of these while the writer is busy with the first; this one of them is refused, and the others are not. */
    private void waitTogether(LinkedHashMap<RunId, RunCreated> creates, RunId wrong, AppendRefused.Rule rule)
            throws Exception {
        long before = count();
        CountingDataSource counting = new CountingDataSource(postgres.app());
        PostgresEventStorageEngine counted = engine(counting, clock);
        Map<RunId, FutureTask<Void>> appends = new LinkedHashMap<>();
        try (Connection other = postgres.app().getConnection();
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("select pg_advisory_xact_lock(" + EventInsert.APPEND_LOCK + ")");
            for (Map.Entry<RunId, RunCreated> create : creates.entrySet()) {
                FutureTask<Void> append =
                        new FutureTask<>(() -> append(counted, create.getKey(), 0, create.getValue()), null);
                appends.put(create.getKey(), append);
                // The first writes by itself, the others become one group behind it.
                boolean writes = appends.size() == 1;
                Thread caller = Thread.ofPlatform().start(append);
                await().until(() -> TotalOrderTest.waitingForTheLock(postgres) == 1
                        && (writes || caller.getState() == Thread.State.WAITING));
            }
            other.commit();
        }

        for (Map.Entry<RunId, FutureTask<Void>> append : appends.entrySet()) {
            if (append.getKey().equals(wrong)) {
                assertThatThrownBy(append.getValue()::get)
                        .cause()
                        .isInstanceOfSatisfying(
                                AppendRefused.class,
                                refused -> assertThat(refused.rule()).isEqualTo(rule));
            } else {
                append.getValue().get();
            }
        }
        assertThat(count()).isEqualTo(before + creates.size() - 1);
        // The first; the group; who came too late; the group without it.
        assertThat(counting.statements()).isEqualTo(4);
    }

    @Test
    void a_database_that_is_away_is_told_as_such() {
        DataSource nowhere = new DriverManagerDataSource("jdbc:postgresql://localhost:1/none", "x", "x");
        RunId run = newRun();

        assertThatThrownBy(() -> append(engine(nowhere), run, 0, created(run, null)))
                .isInstanceOf(DataAccessResourceFailureException.class);
        assertThatThrownBy(() -> engine(nowhere).lastSequenceNumberFor(run.toString()))
                .isInstanceOf(DataAccessResourceFailureException.class);
    }

    @Test
    void an_append_of_nothing_is_nothing() {
        engine.appendEvents(List.of());

        assertThat(count()).isZero();
    }

    private List<? extends TrackedEventMessage<?>> tail(TrackingToken token) {
        try (var events = engine.readEvents(token, false)) {
            return events.toList();
        }
    }

    private static RunId runOf(TrackedEventMessage<?> event) {
        return RunId.of(((DomainEventMessage<?>) event).getAggregateIdentifier());
    }

    private static List<Long> positions(List<? extends TrackedEventMessage<?>> events) {
        return events.stream()
                .map(event -> event.trackingToken().position().orElseThrow())
                .toList();
    }

    private long count() {
        return postgres.jdbc()
                .sql("select count(*) from ledger.event")
                .query(Long.class)
                .single();
    }

    private long lastPosition() {
        return postgres.jdbc()
                .sql("select max(position) from ledger.event")
                .query(Long.class)
                .single();
    }

    private List<Long> sequences(String sql, RunId run) {
        return postgres.jdbc().sql(sql).param(run.value()).query(Long.class).list();
    }

    private List<String> chain(RunId run) {
        return postgres.jdbc()
                .sql("select encode(hash, 'hex') from ledger.event where run_id = ? order by sequence")
                .param(run.value())
                .query(String.class)
                .list();
    }

    private List<String> recomputed(RunId run) {
        List<String> hashes = new ArrayList<>();
        List<StoredEvent> events = postgres.jdbc()
                .sql("select *, payload::text as text from ledger.event where run_id = ? order by sequence")
                .param(run.value())
                .query((row, _) -> new StoredEvent(
                        Ulid.print(row.getObject("id", UUID.class)),
                        row.getString("project"),
                        run,
                        row.getLong("sequence"),
                        row.getString("type"),
                        row.getInt("version"),
                        row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("correlation_id"),
                        row.getString("causation_id"),
                        row.getString("command_id"),
                        new Json(row.getString("text"))))
                .list();
        byte[] hash = EventHash.genesis();
        for (StoredEvent event : events) {
            hash = EventHash.next(hash, event);
            hashes.add(HexFormat.of().formatHex(hash));
        }
        return Collections.unmodifiableList(hashes);
    }

    private static RunEvent[] notes(int count) {
        return IntStream.range(0, count).mapToObj(i -> note("note-" + i, null)).toArray(RunEvent[]::new);
    }

    private static void execute(DataSource dataSource, String sql) throws SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void assertRefused(AppendRefused.Rule rule, Runnable append) {
        AppendRefused refused = catchThrowableOfType(AppendRefused.class, append::run);
        assertThat(refused).as("a refusal by %s", rule).isNotNull();
        assertThat(refused.rule()).isEqualTo(rule);
    }
}
