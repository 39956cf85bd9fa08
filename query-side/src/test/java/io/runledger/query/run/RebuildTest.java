package io.runledger.query.run;

import static io.runledger.query.Recorded.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Artifact;
import io.runledger.api.Caller;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.Auditor;
import io.runledger.query.projection.DeadLetter;
import io.runledger.query.projection.ProjectionController;
import io.runledger.query.projection.ProjectionMonitor;
import io.runledger.query.projection.ProjectionState;
import io.runledger.query.projection.ProjectionState.Status;
import io.runledger.query.projection.Rebuilder;
import io.runledger.query.projection.RecordedEvent;
import io.runledger.query.projection.ViewSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.LinkedMultiValueMap;

/** The next generation of a view: built beside the one that serves, after crashes, with poison, and back again. */
@org.junit.jupiter.api.Timeout(120)
class RebuildTest {

    private static final String RUN = "run";
    private static final Caller CALLER = new Caller("default", "tester");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Random random = new Random(11);
    private final Map<RunId, Recorded> histories = new LinkedHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private long position;

    @BeforeEach
    void clear() {
        TestDatabase.clear();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        TestDatabase.clear();
    }

    @Test
    void a_rebuilt_view_is_the_fold_of_all_events() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        node.fill(12_000);
        TestDatabase.jdbc()
                .sql("update view.run_1 set name = 'wrong' where id = ?")
                .param(Recorded.id(3).value())
                .update();
        node.controller.rebuild(CALLER, RUN);
        assertThat(node.state().status()).isEqualTo(Status.REBUILDING);
        assertThatThrownBy(() -> node.controller.rebuild(CALLER, RUN)).satisfies(RebuildTest::isConflict);
        assertThat(options("run_2")).contains("autovacuum_enabled=off");
        assertThat(node.rebuilder.workOnce(() -> {})).isTrue();
        node.assertViewIsTheFold();
        ProjectionState state = node.state();
        assertThat(state.generation()).isEqualTo(2);
        assertThat(state.previousGeneration()).isEqualTo(1);
        assertThat(state.lastRebuild().differingRuns()).containsExactly(Recorded.id(3));
        assertThat(state.lastRebuild().compared()).isGreaterThanOrEqualTo(histories.size());
        assertThat(indexes("run_2")).isEqualTo(indexes("run_1"));
        assertThat(options("run_2")).isEqualTo(options("run_1"));
        node.fill(500);
        node.assertViewIsTheFold();
    }

    @Test
    void a_crash_between_any_two_transactions_leaves_no_half_view() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        node.fill(30_000);
        node.controller.rebuild(CALLER, RUN);
        int crashes = 0;
        while (node.state().rebuild() != null) {
            AtomicInteger left = new AtomicInteger(random.nextInt(6));
            Rebuilder attempt = new Rebuilder(node.processor.view, node.processor.engine, node.processor.position);
            try {
                attempt.workOnce(() -> {
                    if (left.getAndDecrement() == 0) {
                        throw new Crash();
                    }
                });
            } catch (Crash e) {
                crashes++;
                assertThat(count("view.run")).isEqualTo(histories.size());
                node.fill(200);
            }
        }
        assertThat(crashes).isPositive();
        node.assertViewIsTheFold();
        assertThat(node.state().lastRebuild().differing()).isZero();
    }

    @Test
    void events_go_on_while_the_view_is_built() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        node.fill(5_000);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                node.fill(50);
            }
        });
        for (int i = 0; i < 3; i++) {
            node.controller.rebuild(CALLER, RUN);
            node.rebuilder.workOnce(() -> {});
            assertThat(node.state().lastRebuild().differing()).isZero();
        }
        done.set(true);
        writer.join();
        node.processor.awaitPosition(position);
        node.assertViewIsTheFold();
        assertThat(node.state().generation()).isEqualTo(4);
    }

    @Test
    void a_rebuild_can_be_given_up_and_leaves_nothing() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        node.fill(6_000);
        node.controller.rebuild(CALLER, RUN);
        AtomicInteger slices = new AtomicInteger();
        node.rebuilder.workOnce(() -> {
            if (slices.incrementAndGet() == 2) {
                node.controller.giveUp(CALLER, RUN);
            }
        });
        assertThat(node.state().generation()).isEqualTo(1);
        assertThat(node.state().lastRebuild().status()).isEqualTo("given_up");
        assertThat(node.rebuilder.workOnce(() -> {})).isFalse();
        assertThat(tables()).containsExactly("run_1");
        assertThatThrownBy(() -> node.controller.giveUp(CALLER, RUN)).satisfies(RebuildTest::isConflict);
        node.assertViewIsTheFold();
    }

    @Test
    void the_previous_generation_catches_up_before_it_serves_again() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        node.fill(2_000);
        assertThatThrownBy(() -> node.controller.rollBack(CALLER, RUN)).satisfies(RebuildTest::isConflict);
        node.rebuild();
        node.fill(2_000);
        node.controller.rollBack(CALLER, RUN);
        node.rebuilder.workOnce(() -> {});
        assertThat(node.state().generation()).isEqualTo(1);
        assertThat(node.state().lastRebuild().differing()).isZero();
        node.fill(500);
        node.assertViewIsTheFold();
        node.controller.dropPrevious(CALLER, RUN);
        assertThat(tables()).containsExactly("run_1");
        assertThatThrownBy(() -> node.controller.dropPrevious(CALLER, RUN)).satisfies(RebuildTest::isConflict);
    }

    @Test
    void a_view_of_another_version_is_built_at_the_start() throws Exception {
        Node node = new Node(RunFold::apply, 2);
        node.fill(3_000);
        assertThat(node.state().schemaVersion()).isEqualTo(1);
        node.rebuilder.start();
        open.add(node.rebuilder::stop);
        await().atMost(SOON).until(() -> node.state().generation() == 2);
        assertThat(node.state().schemaVersion()).isEqualTo(2);
        node.assertViewIsTheFold();
    }

    @Test
    void a_view_of_tables_as_they_were_is_built_as_they_are_now() {
        DataSource dataSource = TestDatabase.withViewsOf("10");
        RunViewProcessor processor =
                new RunViewProcessor(dataSource, new ProjectReader(dataSource), new RunGenerations(dataSource));
        open.add(processor.start());
        List<RecordedEvent> events = Recorded.run(0)
                .then(created(0), new RunStarted(1, "w", null), new RunStopped(RunStatus.RUNNING, "wait"))
                .events();
        processor.awaitPosition(processor.append(events));
        ViewSchema.migrate(dataSource);
        JdbcClient jdbc = JdbcClient.create(dataSource);
        String atRest = "select rested_at is not null and life is not null from view.run where status = 'stopped'";
        assertThat(jdbc.sql(atRest).query(Boolean.class).single()).isFalse();
        Rebuilder rebuilder = new Rebuilder(processor.view, processor.engine, processor.position);
        rebuilder.start();
        open.add(rebuilder::stop);
        await().atMost(SOON).until(() -> jdbc.sql(atRest).query(Boolean.class).single());
        assertThat(jdbc.sql("select generation || ' of version ' || schema_version from view.projection")
                        .query(String.class)
                        .single())
                .isEqualTo("2 of version " + RunGenerations.SCHEMA_VERSION);
    }

    @Test
    void a_poisoned_run_is_parked_and_the_others_go_on() throws Exception {
        RunId poisoned = Recorded.id(7);
        AtomicBoolean fixed = new AtomicBoolean();
        Node node = new Node(
                (row, event) -> {
                    if (!fixed.get() && event.runId().equals(poisoned) && event.sequence() >= 2) {
                        throw new IllegalArgumentException("planted");
                    }
                    RunFold.apply(row, event);
                },
                1);
        node.fill(4_000);
        DeadLetter letter = node.letters().getFirst();
        assertThat(node.letters()).hasSize(1);
        assertThat(letter.runId()).isEqualTo(poisoned);
        assertThat(letter.sequence()).isEqualTo(2);
        assertThat(letter.events()).isEqualTo(histories.get(poisoned).events().size() - 2);
        assertThat(letter.cause()).contains("planted");
        assertThat(node.state().status()).isEqualTo(Status.DEGRADED);
        assertThat(RunViewProcessor.row(poisoned).version).isEqualTo(1);
        node.assertViewIsTheFold(poisoned);
        node.rebuild();
        assertThat(node.letters()).extracting(DeadLetter::events).containsExactly(letter.events());
        assertThat(node.controller
                        .retry(CALLER, RUN, new LinkedMultiValueMap<>())
                        .mended())
                .isZero();
        assertThat(node.letters().getFirst().retries()).isEqualTo(1);
        fixed.set(true);
        assertThat(node.controller
                        .retry(CALLER, RUN, new LinkedMultiValueMap<>())
                        .mended())
                .isEqualTo(1);
        node.fill(500);
        node.assertViewIsTheFold();
        assertThat(node.state().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void a_row_that_the_table_refuses_parks_its_run() throws Exception {
        Node node = new Node(RunFold::apply, 1);
        TestDatabase.jdbc()
                .sql("alter table view.run_1 add constraint planted check (name <> 'run 5')")
                .update();
        try {
            node.fill(1_000);
            assertThat(node.letters()).extracting(DeadLetter::runId).containsExactly(Recorded.id(5));
            assertThat(node.letters().getFirst().cause()).contains("planted");
            node.assertViewIsTheFold(Recorded.id(5));
        } finally {
            TestDatabase.jdbc()
                    .sql("alter table view.run_1 drop constraint planted")
                    .update();
        }
        node.controller.retry(
                CALLER,
                RUN,
                new LinkedMultiValueMap<>(Map.of("run", List.of(Recorded.id(5).toString()))));
        assertThat(node.letters()).isEmpty();
        node.assertViewIsTheFold();
    }

    private static List<String> options(String table) {
        return TestDatabase.jdbc()
                .sql("select unnest(reloptions) from pg_class where relname = ?")
                .param(table)
                .query(String.class)
                .list();
    }

    private static void isConflict(Throwable thrown) {
        assertThat(((Problem) thrown).code()).isEqualTo(ProblemCode.CONFLICT);
    }

    private static long count(String table) {
        return TestDatabase.jdbc()
                .sql("select count(*) from " + table)
                .query(Long.class)
                .single();
    }

    /** As the stats tell them. */
    private static Map<String, Long> counters(Node node) {
        RunStatsQuery query = RunStatsQuery.read("default", new LinkedMultiValueMap<>());
        assertThat(query.isCounted()).isTrue();
        return new TreeMap<>(
                new RunCounts(TestDatabase.reader(), new RunPast(TestDatabase.reader(), node.processor.histories()))
                        .stats(query, null)
                        .byStatus());
    }

    private static Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>();
        TestDatabase.jdbc()
                .sql("select status, count(*) as n from view.run group by status")
                .query(row -> {
                    counted.put(row.getString("status"), row.getLong("n"));
                });
        return counted;
    }

    private static List<String> tables() {
        return TestDatabase.jdbc()
                .sql("select relname from pg_class where relname ~ '^run_[0-9]+$' and relkind = 'r' order by 1")
                .query(String.class)
                .list();
    }

    private static List<String> indexes(String table) {
        return TestDatabase.jdbc()
                .sql("select regexp_replace(indexdef, '^.* USING', '') from pg_indexes where tablename = ? order by 1")
                .param(table)
                .query(String.class)
                .list();
    }

    /** Ends an attempt as a crash would: whatever was committed stays, and nothing is tidied up. */
    private static final class Crash extends RuntimeException {}

    /** A node of the ledger with its live view, and with the builder under the test's thumb. */
    private final class Node {

        final RunViewProcessor processor;
        final Rebuilder rebuilder;
        final ProjectionController controller;

        Node(RunRows.Fold fold, int schemaVersion) {
            processor = new RunViewProcessor(fold, schemaVersion).start();
            open.add(processor);
            rebuilder = new Rebuilder(processor.view, processor.engine, processor.position);
            Auditor auditor = new Auditor(processor.view, Duration.ofMinutes(1), Duration.ofMinutes(2));
            ProjectionMonitor monitor = new ProjectionMonitor(processor.view, processor.position, auditor);
            controller = ProjectionController.of(monitor, processor.view, rebuilder, processor.store());
        }

        ProjectionState state() {
            return controller.list(CALLER, new LinkedMultiValueMap<>()).data().getFirst();
        }

        List<DeadLetter> letters() {
            return controller
                    .deadLetters(CALLER, RUN, new LinkedMultiValueMap<>())
                    .data();
        }

        void rebuild() throws InterruptedException {
            controller.rebuild(CALLER, RUN);
            rebuilder.workOnce(() -> {});
        }

        void fill(int events) {
            append(events);
            processor.awaitPosition(position);
        }

        void append(int events) {
            List<RecordedEvent> batch = new ArrayList<>();
            for (int i = 0; i < events; i++) {
                Recorded history = histories.isEmpty() || random.nextInt(4) == 0
                        ? begin()
                        : histories.get(Recorded.id(random.nextInt(histories.size())));
                history.then(anyEvent(history.events().isEmpty(), histories.size() - 1));
                RecordedEvent event = history.events().getLast();
                batch.add(new RecordedEvent(
                        event.runId(),
                        event.sequence(),
                        ++position,
                        event.occurredAt(),
                        event.recordedAt(),
                        event.actor(),
                        event.project(),
                        event.event()));
                history.events().set(history.events().size() - 1, batch.getLast());
            }
            processor.append(batch);
        }

        private Recorded begin() {
            Recorded history = Recorded.run(histories.size());
            histories.put(Recorded.id(histories.size()), history);
            return history;
        }

        private RunEvent anyEvent(boolean first, long number) {
            if (first) {
                return created(number, "run " + number, new Json("{\"n\":" + number + "}"), Map.of("a", "1"));
            }
            return switch (random.nextInt(8)) {
                case 0 -> new RunQueued();
                case 1 -> new RunStarted(1, "w", 30);
                case 2 -> new RunProgressed(random.nextInt(100) / 3.0, "on");
                case 3 -> new RunCheckpointed(new Json("{\"at\":" + random.nextInt() + "}"));
                case 4 -> new RunArtifactAdded(new Artifact("a" + random.nextInt(4), "text/plain", null, 1L, null));
                case 5 -> new RunSucceeded(random.nextBoolean() ? new Json("[1,2]") : null, 0);
                case 6 -> new RunFailed(new RunError("code", "message", random.nextBoolean(), new Json("{}")), 2);
                default -> new RunResumed("again", random.nextBoolean() ? new Json("\"new\"") : null);
            };
        }

        void assertViewIsTheFold(RunId... except) {
            for (Recorded history : histories.values()) {
                RunRow expected = new RunRow(history.events().getFirst().runId());
                if (!List.of(except).contains(expected.id)) {
                    history.events().forEach(event -> RunFold.apply(expected, event));
                    assertThat(RunPresenter.view(RunViewProcessor.row(expected.id)))
                            .isEqualTo(RunPresenter.view(expected));
                }
            }
            assertThat(counters(this)).isEqualTo(counted());
            assertThat(count("view.run")).isBetween((long) histories.size() - except.length, (long) histories.size());
        }
    }
}
