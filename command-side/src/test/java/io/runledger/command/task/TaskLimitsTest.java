package io.runledger.command.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.ResumeRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunCommand.StopRun;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tasks may take of the ledger's memory, and what becomes of a run that is stopped before its tasks are made. */
class TaskLimitsTest {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    private static final TaskSettings SMALL = new TaskSettings(10, 100, 100, 300, 400, 1, Duration.ofMillis(50));
    private static final Json LARGE = new Json("\"" + "x".repeat(150) + "\"");

    private TestPostgres postgres;
    private TaskNode node;

    @BeforeEach
    void open() {
        postgres = TestPostgres.create();
        node = new TaskNode(postgres.app(), SMALL);
    }

    @AfterEach
    void close() {
        node.close();
        postgres.close();
    }

    private static PlannedTask task(String key, String input, String... needs) {
        return new PlannedTask(
                key,
                Target.of("task:" + key),
                null,
                input == null ? null : new Json(input),
                null,
                null,
                null,
                needs.length == 0 ? null : List.of(needs),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private RunId create(PlannedTask... tasks) {
        RunId run = IDS.next();
        node.send(new CreateRun(
                run,
                TaskNode.context(),
                Target.of("workflow:w"),
                RunMode.ASYNC,
                null,
                null,
                null,
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
                new TaskPlan(FailurePolicy.FINISH_WHAT_RUNS, List.of(tasks)),
                null));
        return run;
    }

    private void workOn(RunId run) {
        node.send(new StartRun(run, TaskNode.context(), "w", null));
        node.send(new CompleteRun(run, TaskNode.context(), null, LARGE, null, List.of()));
    }

    private void workOnAll() {
        node.settle();
        while (!node.claimable().isEmpty()) {
            node.claimable().forEach(this::workOn);
            node.settle();
        }
    }

    private RunId child(RunId run, String task) {
        return node.children(run).stream()
                .filter(child -> node.events(child).getFirst() instanceof RunCreated created
                        && created.parent() != null
                        && created.parent().task().equals(task))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void outputs_that_have_no_room_are_named_by_the_runs_that_have_them() {
        RunId run = create(task("a", null), task("b", null), task("c", null));
        workOnAll();
        RunSucceeded done = (RunSucceeded) node.events(run).getLast();
        RunId c = child(run, "c");
        assertThat(done.output().text())
                .isEqualTo("{\"a\":" + LARGE + ",\"b\":" + LARGE + ",\"c\":{\"$run\":\"" + c + "\"}}");
    }

    @Test
    void an_input_that_would_be_too_large_fails_the_task() {
        RunId run = create(
                task("a", null), task("b", "[{\"$ref\":\"/tasks/a/output\"},{\"$ref\":\"/tasks/a/output\"}]", "a"));
        workOnAll();
        assertThat(node.events(run).getLast())
                .isInstanceOfSatisfying(
                        RunFailed.class,
                        failed -> assertThat(failed.error().message()).contains("300"));
        assertThat(node.children(run)).hasSize(1);
    }

    @Test
    void a_run_that_is_stopped_before_its_task_was_made_leaves_nothing_to_claim() {
        RunId run = create(task("a", null));
        node.send(new StopRun(run, TaskNode.context(), null));
        node.settle();
        assertThat(node.claimable()).isEmpty();
        RunId child = node.children(run).getFirst();
        assertThat(node.events(child)).last().isInstanceOf(RunStopped.class);

        node.send(new ResumeRun(run, TaskNode.context(), null, null));
        node.settle();
        assertThat(node.claimable()).containsExactly(child);
        workOnAll();
        assertThat(node.events(run).getLast()).isInstanceOf(RunSucceeded.class);
    }
}
