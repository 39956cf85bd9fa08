package io.runledger.command.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.FailRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random plans, carried out by two nodes that do things twice, forget what they did, and stop in the middle; each run is
 * held against a fold that was written from the words of the domain and knows nothing of the rules' code.
 */
class TaskDagTest {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int PLANS = Boolean.getBoolean("runledger.thorough") ? 500 : 25;
    private static final TaskSettings SETTINGS =
            new TaskSettings(1_000, 2_000, 1_000, 100_000, 100_000, 4, Duration.ofMillis(50));
    private static final RunIds IDS = new RunIds(Clock.systemUTC());

    /** What is to happen to a task: whether its condition holds, which attempt succeeds, how many it has. */
    private record Fate(PlannedTask task, boolean holds, int succeedsAt) {

        int attempts() {
            return task.maxAttempts() == null ? 1 : task.maxAttempts();
        }

        boolean succeeds() {
            return succeedsAt <= attempts();
        }
    }

    @Test
    void random_plans_end_as_a_fold_of_their_own_says_whoever_stops_in_the_middle() {
        int failed = 0;
        int tasks = 0;
        try (TestPostgres postgres = TestPostgres.create();
                HikariDataSource second = postgres.pool(6);
                TaskNode one = new TaskNode(postgres.app(), SETTINGS);
                TaskNode two = new TaskNode(second, SETTINGS)) {
            for (int i = 0; i < PLANS; i++) {
                Random random = new Random(SEED + i);
                Map<String, Fate> fates = fates(random, 5 + random.nextInt(PLANS > 100 ? 56 : 26));
                FailurePolicy policy = FailurePolicy.values()[random.nextInt(2)];
                RunId run = create(one, fates, policy);
                carryOut(List.of(one, two), postgres, fates, random);
                Fold fold = new Fold(fates, one.events(run));
                fold.check("seed " + (SEED + i));
                assertThat(new HashSet<>(one.children(run)))
                        .as("seed %d: the runs that were made", SEED + i)
                        .isEqualTo(new HashSet<>(fold.runs.values()));
                fold.runs.forEach(
                        (task, child) -> assertThat(one.events(child).stream().filter(RunStarted.class::isInstance))
                                .as("the attempts of %s", task)
                                .hasSizeLessThanOrEqualTo(fates.get(task).attempts()));
                failed += fold.failed ? 1 : 0;
                tasks += fates.size();
            }
            assertThat(postgres.jdbc()
                            .sql("select count(*) from ledger.task_work")
                            .query(Long.class)
                            .single())
                    .isZero();
        }
        System.out.printf("%d plans with %d tasks, of which %d failed%n", PLANS, tasks, failed);
        assertThat(failed).isBetween(PLANS / 10, PLANS * 9 / 10);
    }

    private static Map<String, Fate> fates(Random random, int count) {
        Map<String, Fate> fates = new HashMap<>();
        boolean calm = random.nextInt(3) == 0;
        for (int i = 0; i < count; i++) {
            List<String> needs = new ArrayList<>();
            for (int j = 0; j < i; j++) {
                if (random.nextInt(i) < 2) {
                    needs.add("t" + j);
                }
            }
            boolean conditional = random.nextInt(5) == 0;
            boolean holds = !conditional || random.nextBoolean();
            boolean optional = random.nextInt(4) == 0;
            int attempts = 1 + random.nextInt(2);
            boolean fails = random.nextInt(optional ? 3 : calm ? 1_000 : 12) == 0;
            int succeedsAt = fails ? attempts + 1 : 1 + random.nextInt(attempts);
            Json input = needs.isEmpty()
                    ? null
                    : new Json("{\"from\":{\"$ref\":\"/tasks/" + needs.getFirst() + "/output/of\"}}");
            PlannedTask task = new PlannedTask(
                    "t" + i,
                    Target.of("task:t" + i),
                    null,
                    input,
                    null,
                    null,
                    null,
                    needs.isEmpty() ? null : needs,
                    conditional ? "run.input.holds.t" + i : null,
                    optional ? true : null,
                    null,
                    null,
                    attempts,
                    null,
                    null,
                    null,
                    null,
                    null);
            fates.put("t" + i, new Fate(task, holds, succeedsAt));
        }
        return fates;
    }

    private static RunId create(TaskNode node, Map<String, Fate> fates, FailurePolicy policy) {
        StringBuilder holds = new StringBuilder();
        List<PlannedTask> tasks = new ArrayList<>();
        fates.forEach((key, fate) -> {
            holds.append(holds.isEmpty() ? "" : ",")
                    .append('"')
                    .append(key)
                    .append("\":")
                    .append(fate.holds());
            tasks.add(fate.task());
        });
        RunId run = IDS.next();
        node.send(new CreateRun(
                run,
                TaskNode.context(),
                Target.of("workflow:random"),
                RunMode.ASYNC,
                null,
                null,
                new Json("{\"holds\":{" + holds + "}}"),
                null,
                null,
                null,
                null,
                "default",
                0,
                1,
                null,
                null,
                null,
                null,
                new TaskPlan(policy, tasks),
                null));
        return run;
    }

    /** Until nothing is left to do: nodes look at tasks, or stop in the middle, and workers take what there is. */
    private static void carryOut(List<TaskNode> nodes, TestPostgres postgres, Map<String, Fate> fates, Random random) {
        while (true) {
            TaskNode node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    // A node does what is to be done, and dies before it could note that: all of it is done again.
                    List<List<Object>> before = rows(postgres);
                    node.coordinator.carryOutBatch();
                    putBack(postgres, before);
                }
                case 1 -> {
                    // A node takes what is to be done, and dies before it begins.
                    new TaskTable(postgres.jdbc()).take(1 + random.nextInt(5));
                    timeGoesBy(postgres);
                }
                case 2 -> {
                    Thread both = Thread.ofVirtual().start(nodes.get(0).coordinator::carryOutBatch);
                    nodes.get(1).coordinator.carryOutBatch();
                    join(both);
                    timeGoesBy(postgres);
                }
                default -> node.coordinator.carryOutBatch();
            }
            List<RunId> claimable = new ArrayList<>(node.claimable());
            if (claimable.isEmpty() && rows(postgres).isEmpty()) {
                return;
            }
            for (RunId run : claimable) {
                if (random.nextInt(3) > 0) {
                    work(node, run, fates);
                }
            }
            timeGoesBy(postgres);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void timeGoesBy(TestPostgres postgres) {
        postgres.jdbc().sql("update ledger.task_work set due_at = now()").update();
    }

    private static List<List<Object>> rows(TestPostgres postgres) {
        return postgres.jdbc()
                .sql("select run_id, task, version, project, parent_id, step, task_run, heard from ledger.task_work")
                .query((row, _) -> {
                    List<Object> values = new ArrayList<>();
                    for (int i = 1; i <= 8; i++) {
                        values.add(row.getObject(i));
                    }
                    return values;
                })
                .list();
    }

    private static void putBack(TestPostgres postgres, List<List<Object>> rows) {
        for (List<Object> row : rows) {
            postgres.jdbc()
                    .sql("insert into ledger.task_work values (?, ?, ?, ?, ?, ?, ?, ?, now()) on conflict do nothing")
                    .params(row)
                    .update();
        }
    }

    private static void work(TaskNode node, RunId run, Map<String, Fate> fates) {
        RunCreated created = (RunCreated) node.events(run).getFirst();
        Fate fate = fates.get(created.parent().task());
        try {
            node.send(new StartRun(run, TaskNode.context(), "w", null));
            long attempt = node.events(run).stream()
                    .filter(RunStarted.class::isInstance)
                    .count();
            node.send(
                    attempt >= fate.succeedsAt()
                            ? new CompleteRun(
                                    run,
                                    TaskNode.context(),
                                    null,
                                    new Json("{\"of\":\"" + created.parent().task() + "\"}"),
                                    null,
                                    List.of())
                            : new FailRun(
                                    run, TaskNode.context(), null, new RunError("broken", "it broke", null, null), 1));
        } catch (Problem cancelledMeanwhile) {
            assertThat(cancelledMeanwhile.code().wireName()).isIn("invalid_transition", "conflict");
        }
    }

    /** The domain's words, as plain as can be: what may happen next, given what happened, and how it must end. */
    private static final class Fold {

        private final Map<String, Fate> fates;
        private final List<RunEvent> events;
        private final Set<String> good = new HashSet<>();
        private final Set<String> bad = new HashSet<>();
        private final Set<String> skipped = new HashSet<>();
        final Map<String, RunId> runs = new HashMap<>();
        boolean failed;

        Fold(Map<String, Fate> fates, List<RunEvent> events) {
            this.fates = fates;
            this.events = events;
        }

        void check(String seed) {
            for (RunEvent event : events) {
                switch (event) {
                    case RunTasksQueued queued -> queued.tasks().forEach(task -> queue(task, seed));
                    case RunTasksSkipped gone -> gone.tasks().forEach(task -> skip(task, seed));
                    case RunTaskEnded ended -> end(ended, seed);
                    default -> {}
                }
            }
            assertThat(good.size() + bad.size() + skipped.size()).as(seed).isEqualTo(fates.size());
            failed = bad.stream().anyMatch(this::isNeeded);
            Class<?> end = failed ? RunFailed.class : bad.isEmpty() ? RunSucceeded.class : RunPartiallySucceeded.class;
            assertThat(events.getLast()).as(seed).isInstanceOf(end);
            if (events.getLast() instanceof RunSucceeded done) {
                good.forEach(task ->
                        assertThat(done.output().text()).contains("\"" + task + "\":{\"of\":\"" + task + "\"}"));
            }
        }

        private boolean isNeeded(String task) {
            return fates.get(task).task().optional() == null;
        }

        private List<String> needs(String task) {
            return fates.get(task).task().needs();
        }

        private void queue(QueuedTask queued, String seed) {
            assertThat(good).as("%s: what %s needs", seed, queued.task()).containsAll(needs(queued.task()));
            assertThat(fates.get(queued.task()).holds()).as(seed).isTrue();
            assertThat(bad.stream().noneMatch(this::isNeeded))
                    .as("%s: nothing failed before %s", seed, queued.task())
                    .isTrue();
            assertThat(runs.put(queued.task(), queued.runId()))
                    .as("%s: queued once", seed)
                    .isNull();
        }

        private void skip(SkippedTask task, String seed) {
            boolean hopeless =
                    needs(task.task()).stream().anyMatch(need -> bad.contains(need) || skipped.contains(need));
            boolean expected = switch (task.reason()) {
                case CONDITION -> !fates.get(task.task()).holds() && good.containsAll(needs(task.task()));
                case DEPENDENCY -> hopeless || hangsOnSkipped(task.task());
                case FAILURE -> bad.stream().anyMatch(this::isNeeded);
            };
            assertThat(expected)
                    .as("%s: %s is skipped for %s", seed, task.task(), task.reason())
                    .isTrue();
            skipped.add(task.task());
            assertThat(runs).as(seed).doesNotContainKey(task.task());
        }

        /** One event skips several, in the order of the plan, which is not that of their dependence. */
        private boolean hangsOnSkipped(String task) {
            Set<String> all = new HashSet<>(skipped);
            events.stream()
                    .filter(RunTasksSkipped.class::isInstance)
                    .flatMap(event -> ((RunTasksSkipped) event).tasks().stream())
                    .forEach(one -> all.add(one.task()));
            return needs(task).stream().anyMatch(all::contains);
        }

        private void end(RunTaskEnded ended, String seed) {
            assertThat(runs.get(ended.task())).as(seed).isEqualTo(ended.runId());
            boolean well = ended.status() == RunStatus.SUCCEEDED;
            boolean cancelled = ended.status() == RunStatus.CANCELLED;
            assertThat(cancelled || well == fates.get(ended.task()).succeeds())
                    .as(seed)
                    .isTrue();
            assertThat((well ? good : bad).add(ended.task())).as(seed).isTrue();
            if (cancelled) {
                assertThat(bad.stream()
                                .filter(task -> !task.equals(ended.task()))
                                .anyMatch(this::isNeeded))
                        .as("%s: cancelled after a failure", seed)
                        .isTrue();
            }
        }
    }
}
