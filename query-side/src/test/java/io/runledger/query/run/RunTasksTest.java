package io.runledger.query.run;

import static io.runledger.query.Recorded.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.Parent;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.api.SkipReason;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.projection.RecordedEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run shows its tasks as it was told of them, in the fold and in the view, however the events are sliced. */
class RunTasksTest {

    private static final RunId A = Recorded.id(101);
    private static final RunId B = Recorded.id(102);
    private static final RunError ERROR = new RunError("task_failed", "b failed", null, null);

    private static PlannedTask task(String key, RunId carried) {
        return new PlannedTask(
                key,
                Target.of("task:" + key),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                carried);
    }

    private static RunCreated made(TaskPlan plan, Parent parent) {
        RunCreated plain = Recorded.created(1);
        return new RunCreated(
                plain.runId(),
                plain.project(),
                plain.target(),
                plain.mode(),
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
                plan,
                parent);
    }

    private static Recorded history(RunEvent... more) {
        TaskPlan plan = new TaskPlan(
                FailurePolicy.FAIL_FAST,
                List.of(task("a", null), task("b", null), task("c", null), task("d", null), task("old", B)));
        return run(1).then(
                        made(plan, null),
                        new RunQueued(),
                        new RunTasksQueued(List.of(new QueuedTask("a", A), new QueuedTask("b", B))),
                        new RunStarted(1, null, null),
                        new RunTaskStarted("a", A),
                        new RunTasksSkipped(List.of(new SkippedTask("d", SkipReason.CONDITION))))
                .then(more);
    }

    private static List<String> shown(Recorded history) {
        RunRow row = new RunRow(Recorded.id(1));
        for (RecordedEvent event : history.events()) {
            RunFold.apply(row, event);
        }
        return RunPresenter.view(row).tasks().stream()
                .map(task -> task.key() + " " + task.status().wireName()
                        + (task.reason() == null ? "" : " " + task.reason().wireName()))
                .toList();
    }

    @Test
    void tasks_are_shown_in_the_order_of_the_plan() {
        assertThat(shown(history()))
                .containsExactly("a running", "b queued", "c created", "d skipped condition", "old succeeded");
    }

    @Test
    void stopping_and_resuming_the_run_shows_on_its_tasks() {
        Recorded history = history(new RunStopped(RunStatus.RUNNING, null));
        assertThat(shown(history)).contains("a stopped", "b stopped", "c created");
        history.then(new RunResumed(null, null), new RunQueued());
        assertThat(shown(history)).contains("a queued", "b queued", "c created", "d skipped condition");
    }

    @Test
    void what_is_under_way_ends_with_the_run() {
        assertThat(shown(history(new RunCancelled(null))))
                .containsExactly("a cancelled", "b cancelled", "c skipped", "d skipped condition", "old succeeded");
    }

    @Test
    void a_resumed_failure_waits_again_with_what_was_not_done_because_of_it() {
        Recorded history = history(
                new RunTaskEnded("a", A, RunStatus.SUCCEEDED, null, 5L),
                new RunTaskEnded("b", B, RunStatus.FAILED, ERROR, 5L),
                new RunTasksSkipped(List.of(new SkippedTask("c", SkipReason.FAILURE))),
                new RunFailed(ERROR, null));
        assertThat(shown(history)).contains("a succeeded", "b failed", "c skipped failure");
        history.then(new RunResumed(null, null), new RunQueued());
        assertThat(shown(history)).contains("a succeeded", "b created", "c created", "d skipped condition");
    }

    @Test
    void a_task_knows_whose_it_is_and_other_runs_have_none() {
        RunRow row = new RunRow(Recorded.id(1));
        RunId parent = Recorded.id(7);
        RunId root = Recorded.id(8);
        RunFold.apply(
                row,
                run(1).then(made(null, new Parent(parent, root, "a"))).events().getFirst());
        RunView view = RunPresenter.view(row);
        assertThat(view.parentId()).isEqualTo(parent);
        assertThat(view.rootId()).isEqualTo(root);
        assertThat(view.tasks()).isEmpty();
    }

    @Test
    void the_view_has_what_the_fold_has_however_the_events_come() {
        Recorded history = history(
                new RunTaskEnded("a", A, RunStatus.SUCCEEDED, null, 5L),
                new RunTaskEnded("b", B, RunStatus.SUCCEEDED, null, 5L),
                new RunFinishing(null),
                new RunSucceeded(new Json("{\"a\":1}"), null));
        TestDatabase.clear();
        try (RunViewProcessor view = new RunViewProcessor().start()) {
            long last = 0;
            for (RecordedEvent event : history.events()) {
                last = view.append(List.of(event));
                view.awaitPosition(last);
            }
            RunRow row = new RunRow(Recorded.id(1));
            history.events().forEach(event -> RunFold.apply(row, event));
            assertThat(RunPresenter.view(RunViewProcessor.row(row.id))).isEqualTo(RunPresenter.view(row));
        }
    }
}
