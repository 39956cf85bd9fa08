package io.runledger.command.store;

import static io.runledger.command.store.TestEvents.command;
import static io.runledger.command.store.TestEvents.engine;
import static io.runledger.command.store.TestEvents.newRun;
import static io.runledger.command.store.TestEvents.note;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The promise that every view stands on: positions appear in order, and a number that was passed never comes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TotalOrderTest {

    private static final long SEED = 20260131;
    private static final int WRITERS = 32;
    private static final int COMMANDS_PER_WRITER = 200;
    private static final int SLOW_COMMITS = 12;

    /** What a slow transaction outlasts: so many further looks of the reader at the ledger. */
    private static final int LOOKS = 15;

    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger rolledBack = new AtomicInteger();
    private final AtomicInteger committed = new AtomicInteger();

    @Test
    void no_event_is_missed_or_seen_twice_and_no_hole_is_ever_filled() throws Exception {
        try (TestPostgres postgres = TestPostgres.create();
                HikariDataSource nodeA = postgres.pool(16);
                HikariDataSource nodeB = postgres.pool(16);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean done = new AtomicBoolean();
            TailingReader steady = new TailingReader();
            TailingReader restarted = new TailingReader();
            Future<?> reading = threads.submit(() -> follow(steady, engine(postgres.app()), done));
            Future<?> restarting = threads.submit(() -> followWithRestarts(restarted, postgres, done));

            List<Callable<Void>> writers = new ArrayList<>();
            List<PostgresEventStorageEngine> nodes = List.of(engine(nodeA), engine(nodeB));
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(
                        () -> write(nodes.get(writer % 2), writer % 2 == 0 ? nodeA : nodeB, new Random(SEED + writer)));
            }
            writers.add(() -> writeSlowly(postgres.app()));
            for (Future<Void> writer : threads.invokeAll(writers)) {
                writer.get();
            }
            done.set(true);
            reading.get();
            restarting.get();

            List<Long> stored = stored(postgres);
            System.out.printf(
                    "%d events, %d rolled-back appends of %d, %d holes, %d looks%n",
                    stored.size(),
                    rolledBack.get(),
                    rolledBack.get() + committed.get(),
                    steady.holes().size(),
                    looks.get());
            assertThat(stored).hasSizeGreaterThan(8_000);
            assertThat(rolledBack).hasValueGreaterThan(WRITERS * COMMANDS_PER_WRITER / 10);
            assertThat(steady.holes()).as("numbers of rolled-back appends").isNotEmpty();
            assertThat(steady.holes()).doesNotContainAnyElementsOf(stored);
            assertThat(steady.seen()).isEqualTo(stored);
            assertThat(restarted.seen()).isEqualTo(stored);
        }
    }

    /** The mutation: without the append lock the very same reader misses an event, so the test above can fail. */
    @Test
    void without_the_append_lock_a_late_commit_fills_a_hole_that_the_reader_has_passed() throws Exception {
        try (TestPostgres postgres = TestPostgres.create();
                Connection late = postgres.app().getConnection()) {
            PostgresEventStorageEngine engine = engine(postgres.app());
            TailingReader reader = new TailingReader();
            late.setAutoCommit(false);
            insertUnlocked(late);
            insertUnlocked(postgres.app());
            reader.poll(engine, Integer.MAX_VALUE);
            late.commit();
            reader.poll(engine, Integer.MAX_VALUE);

            assertThat(stored(postgres)).containsExactly(1L, 2L);
            assertThat(reader.seen()).containsExactly(2L);
            assertThat(reader.holes()).containsExactly(1L);
        }
    }

    @Test
    void an_append_waits_for_the_one_that_has_drawn_its_position_before() throws Exception {
        try (TestPostgres postgres = TestPostgres.create();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection slow = postgres.app().getConnection()) {
            PostgresEventStorageEngine engine = engine(postgres.app());
            TailingReader reader = new TailingReader();
            slow.setAutoCommit(false);
            insert(slow);
            Future<?> next = threads.submit(() -> append(engine, newRun(), 0, 2));
            await().until(() -> waitingForTheLock(postgres) == 1);
            reader.poll(engine, Integer.MAX_VALUE);
            assertThat(reader.seen()).isEmpty();
            slow.commit();
            next.get();
            reader.poll(engine, Integer.MAX_VALUE);

            assertThat(reader.seen()).containsExactly(1L, 2L, 3L);
            assertThat(reader.holes()).isEmpty();
        }
    }

    private Void write(PostgresEventStorageEngine engine, DataSource dataSource, Random random) throws SQLException {
        RunId run = newRun();
        long version = 0;
        for (int i = 0; i < COMMANDS_PER_WRITER; i++) {
            int kind = random.nextInt(10);
            if (kind == 0) {
                insertAndRollBack(dataSource);
                rolledBack.incrementAndGet();
            } else if (kind == 1 && version > 0) {
                long taken = version - 1;
                assertThatThrownBy(() -> append(engine, run, taken, 3)).isInstanceOf(AppendRefused.class);
                rolledBack.incrementAndGet();
            } else {
                int events = 1 + random.nextInt(3);
                append(engine, run, version, events);
                version += events;
                committed.incrementAndGet();
            }
        }
        return null;
    }

    private Void writeSlowly(DataSource dataSource) throws SQLException {
        for (int i = 0; i < SLOW_COMMITS; i++) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(false);
                insert(connection);
                int before = looks.get();
                await().pollInterval(Duration.ofMillis(5)).until(() -> looks.get() >= before + LOOKS);
                if (i % 2 == 0) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
        }
        return null;
    }

    private void follow(TailingReader reader, PostgresEventStorageEngine engine, AtomicBoolean done) {
        boolean last;
        do {
            last = done.get();
            reader.poll(engine, Integer.MAX_VALUE);
            looks.incrementAndGet();
        } while (!last);
    }

    private static void followWithRestarts(TailingReader reader, TestPostgres postgres, AtomicBoolean done) {
        Random random = new Random(SEED);
        boolean last;
        do {
            last = done.get();
            PostgresEventStorageEngine fresh = engine(postgres.app());
            reader.poll(fresh, last ? Integer.MAX_VALUE : 1 + random.nextInt(300));
        } while (!last);
    }

    private static void append(PostgresEventStorageEngine engine, RunId run, long first, int events) {
        RunEvent[] notes = new RunEvent[events];
        java.util.Arrays.setAll(notes, i -> note("n", Long.toString(first + i)));
        engine.appendEvents(command(run, first, TestEvents.CONTEXT, notes));
    }

    private static void insertAndRollBack(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            insert(connection);
            connection.rollback();
        }
    }

    /** The ledger's own statement, in a transaction that somebody else ends. */
    private static void insert(Connection connection) throws SQLException {
        Instant now = Instant.parse("2026-01-31T12:00:00Z");
        StoredEvent event = new StoredEvent(
                newRun().toString(),
                "default",
                newRun(),
                0,
                "run.queued",
                1,
                now,
                now,
                "slow",
                null,
                null,
                null,
                new Json("{}"));
        Append append = new Append(event.runId());
        append.add(event, new RunEvent.RunQueued(), null, new byte[32]);
        EventInsert.execute(List.of(append), "slow", connection);
    }

    private static void insertUnlocked(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            insertUnlocked(connection);
        }
    }

    private static void insertUnlocked(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("""
                    insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                        actor, occurred_at, recorded_at, hash)
                    values (gen_random_uuid(), 'default', gen_random_uuid(), 0, 'run.queued', 1, '{}', 2,
                        'unlocked', now(), now(), decode(repeat('00', 32), 'hex'))""");
        }
    }

    static int waitingForTheLock(TestPostgres postgres) {
        return postgres.jdbc()
                .sql("select count(*) from pg_locks where locktype = 'advisory' and not granted"
                        + " and database = (select oid from pg_database where datname = current_database())")
                .query(Integer.class)
                .single();
    }

    private static List<Long> stored(TestPostgres postgres) {
        return postgres.jdbc()
                .sql("select position from ledger.event order by position")
                .query(Long.class)
                .list();
    }
}
