package io.runledger.command.run;

import static io.runledger.command.run.SampleRun.RUN;
import static io.runledger.command.run.SampleRun.context;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CompleteTasks;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.TaskPlan;
import io.runledger.api.TaskReport;
import io.runledger.command.store.TaskChange;
import io.runledger.command.workflow.TaskStates;
import io.runledger.command.workflow.TaskStep;
import io.runledger.command.workflow.TaskWish;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A run made of tasks in a world where wishes are carried out late, twice and out of order, reports come again, and people
 * stop, resume and cancel: it always comes to an end, and no run of a task is left behind.
 */
class TaskModelTest {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int WORLDS = Boolean.getBoolean("runledger.thorough") ? 20_000 : 3_000;

    @Test
    void whatever_comes_late_or_twice_the_run_ends_and_leaves_nothing_behind() {
        Map<RunStatus, Integer> ends = new HashMap<>();
        for (int i = 0; i < WORLDS; i++) {
            World world = new World(new Random(SEED + i), "seed " + (SEED + i));
            ends.merge(world.live(), 1, Integer::sum);
        }
        assertThat(ends.keySet())
                .contains(RunStatus.SUCCEEDED, RunStatus.PARTIALLY_SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED);
    }

    /** What is to be done, and by whose word. */
    private record Row(TaskWish wish, long version) {}

    private static final class World {

        private final Random random;
        private final String seed;
        private final RunState parent = new RunState();
        private final Map<RunId, RunStatus> children = new LinkedHashMap<>();
        private final Map<RunId, Long> versions = new HashMap<>();
        private final Map<RunId, String> keys = new HashMap<>();
        private final Map<String, Row> rows = new LinkedHashMap<>();
        private final List<Row> taken = new ArrayList<>();
        private final Set<String> once = new HashSet<>();
        private final Map<String, Boolean> holds = new HashMap<>();
        private int resumes;

        World(Random random, String seed) {
            this.random = random;
            this.seed = seed;
        }

        RunStatus live() {
            give(TaskSample.create(plan()));
            int steps = 20 + random.nextInt(100);
            for (int i = 0; i < steps && !parent.status().isEnd(); i++) {
                step(random.nextInt(100));
            }
            settle();
            check();
            if (parent.status() == RunStatus.FAILED && random.nextBoolean() && resumes < 5) {
                resumes++;
                give(SampleRun.resume());
                settle();
                check();
            }
            return parent.status();
        }

        private TaskPlan plan() {
            List<PlannedTask> tasks = new ArrayList<>();
            int count = 1 + random.nextInt(8);
            for (int i = 0; i < count; i++) {
                List<String> needs = new ArrayList<>();
                for (int j = 0; j < i; j++) {
                    if (random.nextInt(3) == 0) {
                        needs.add("t" + j);
                    }
                }
                String condition = random.nextInt(4) == 0 ? "c" : null;
                holds.put("t" + i, random.nextInt(3) > 0);
                tasks.add(TaskSample.task(
                        "t" + i, condition, random.nextInt(3) == 0, null, needs.toArray(String[]::new)));
            }
            return new TaskPlan(FailurePolicy.values()[random.nextInt(2)], tasks);
        }

        private void give(RunCommand command) {
            List<RunEvent> events;
            try {
                events = RunDecider.decide(command, parent);
            } catch (Problem refused) {
                return;
            }
            TaskChange change = TaskWork.change(command, events, parent);
            events.forEach(parent::evolve);
            if (change != null) {
                change.wishes().forEach(wish -> rows.put(wish.task(), new Row(wish, change.version())));
            }
        }

        private void step(int chance) {
            if (chance < 35) {
                take();
            } else if (chance < 70) {
                work();
            } else if (chance < 90) {
                report();
            } else if (chance < 94) {
                give(SampleRun.stop());
            } else if (chance < 98) {
                give(SampleRun.resume());
            } else if (random.nextInt(4) == 0) {
                give(SampleRun.cancel());
            }
        }

        /** Somebody takes a row now and carries it out now or later, noting that it is done or not. */
        private void take() {
            if (!rows.isEmpty()) {
                taken.add(List.copyOf(rows.values()).get(random.nextInt(rows.size())));
            }
            if (!taken.isEmpty() && random.nextInt(3) > 0) {
                Row row = taken.remove(random.nextInt(taken.size()));
                boolean mayBeLate = row.wish().step() == TaskStep.JUDGE
                        || row.wish().step() == TaskStep.MAKE
                        || row.wish().run() == null;
                if (mayBeLate || rows.containsValue(row)) {
                    carryOut(row);
                }
                if (random.nextInt(4) > 0) {
                    rows.remove(row.wish().task(), row);
                }
            }
        }

        private void carryOut(Row row) {
            TaskWish wish = row.wish();
            RunId run = wish.run();
            if (run != null) {
                keys.put(run, wish.task());
            }
            switch (wish.step()) {
                case JUDGE -> tell(wish.task(), null, holds.get(wish.task()) ? RunStatus.QUEUED : RunStatus.SKIPPED);
                case MAKE -> make(run, RunStatus.QUEUED);
                case RESUME -> {
                    RunStatus status = make(run, RunStatus.QUEUED);
                    boolean isMeant = status == RunStatus.STOPPED
                            || status == RunStatus.FAILED && versions.get(run) <= wish.heard();
                    if (isMeant && once.add(run + " " + row.version())) {
                        become(run, RunStatus.QUEUED);
                    } else if (status != null) {
                        tell(wish.task(), run, status);
                    }
                }
                case STOP, CANCEL -> {
                    RunStatus aim = wish.step() == TaskStep.STOP ? RunStatus.STOPPED : RunStatus.CANCELLED;
                    RunStatus status = make(run, aim);
                    if (status == null || status.isEnd()) {
                        boolean isNews = wish.step() == TaskStep.CANCEL;
                        tell(wish.task(), run, children.get(run), isNews ? null : versions.get(run));
                    } else if (once.add(run + " " + row.version())) {
                        become(run, aim);
                    }
                }
                case COMPLETE -> give(new CompleteTasks(RUN, context(), new Json("{}")));
                case REPORT -> throw new AssertionError("a parent reports nothing");
            }
        }

        /** A worker takes a step with one of the runs. */
        private void work() {
            if (children.isEmpty()) {
                return;
            }
            RunId run = List.copyOf(children.keySet()).get(random.nextInt(children.size()));
            advance(run);
        }

        private void advance(RunId run) {
            switch (children.get(run)) {
                case QUEUED -> become(run, RunStatus.RUNNING);
                case RUNNING -> become(run, random.nextInt(5) == 0 ? RunStatus.FAILED : RunStatus.SUCCEEDED);
                default -> {}
            }
        }

        private void report() {
            if (!children.isEmpty()) {
                RunId run = List.copyOf(children.keySet()).get(random.nextInt(children.size()));
                tell(keys.get(run), run, children.get(run));
            }
        }

        private void tell(String task, RunId run, RunStatus status) {
            tell(task, run, status, run == null ? null : versions.get(run));
        }

        private void tell(String task, RunId run, RunStatus status, Long version) {
            give(TaskSample.record(
                    new TaskReport(task, run, status, status == RunStatus.FAILED ? TaskSample.BROKEN : null, version)));
        }

        private void become(RunId run, RunStatus status) {
            if (children.put(run, status) != status) {
                versions.merge(run, 1L, Long::sum);
            }
        }

        /** How the run stood; null when it was made just now, and stands like this. */
        private RunStatus make(RunId run, RunStatus status) {
            RunStatus before = children.get(run);
            if (before == null) {
                become(run, status);
            }
            return before;
        }

        /** Nobody interferes any more, and all that is to be done is done. */
        private void settle() {
            taken.clear();
            for (int i = 0; i < 200; i++) {
                if (parent.status() == RunStatus.STOPPED) {
                    give(SampleRun.resume());
                }
                for (Row row : List.copyOf(rows.values())) {
                    carryOut(row);
                    rows.remove(row.wish().task(), row);
                }
                List.copyOf(children.keySet()).forEach(run -> {
                    advance(run);
                    advance(run);
                    tell(keys.get(run), run, children.get(run));
                });
            }
        }

        private void check() {
            TaskStates tasks = parent.tasks();
            // One whose run was stopped by somebody who was late stays so until people resume it.
            boolean held = children.containsValue(RunStatus.STOPPED);
            if (!held) {
                assertThat(parent.status().isEnd()).as("%s: it has ended", seed).isTrue();
            }
            for (int i = 0; i < tasks.size(); i++) {
                RunId run = tasks.run(i);
                if (run != null && tasks.status(i).isEnd()) {
                    assertThat(children.get(run))
                            .as("%s: %s", seed, tasks.key(i))
                            .isEqualTo(tasks.status(i));
                }
            }
            if (parent.status().isEnd()) {
                assertThat(rows).as(seed).isEmpty();
                assertThat(children.values()).as("%s: what is left", seed).allMatch(RunStatus::isEnd);
            }
        }
    }
}
