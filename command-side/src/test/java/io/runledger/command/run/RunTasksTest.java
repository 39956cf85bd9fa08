package io.runledger.command.run;

import static io.runledger.api.RunStatus.CANCELLED;
import static io.runledger.api.RunStatus.FAILED;
import static io.runledger.api.RunStatus.FINISHING;
import static io.runledger.api.RunStatus.PARTIALLY_SUCCEEDED;
import static io.runledger.api.RunStatus.QUEUED;
import static io.runledger.api.RunStatus.RUNNING;
import static io.runledger.api.RunStatus.SKIPPED;
import static io.runledger.api.RunStatus.STOPPED;
import static io.runledger.api.RunStatus.SUCCEEDED;
import static io.runledger.command.run.SampleRun.RUN;
import static io.runledger.command.run.SampleRun.context;
import static io.runledger.command.run.TaskSample.carried;
import static io.runledger.command.run.TaskSample.conditional;
import static io.runledger.command.run.TaskSample.create;
import static io.runledger.command.run.TaskSample.failingFast;
import static io.runledger.command.run.TaskSample.optional;
import static io.runledger.command.run.TaskSample.plan;
import static io.runledger.command.run.TaskSample.task;
import static io.runledger.command.run.TaskSample.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.Concurrency;
import io.runledger.api.Json;
import io.runledger.api.Parent;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CompleteTasks;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.ExpireRun;
import io.runledger.api.RunCommand.TimeOutRun;
import io.runledger.api.RunCommand.WithholdRun;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.SkipReason;
import io.runledger.api.TaskPlan;
import io.runledger.api.TaskReport;
import io.runledger.api.Terms;
import io.runledger.command.store.TaskChange;
import io.runledger.command.store.WorkChange;
import io.runledger.command.workflow.TaskStates;
import io.runledger.command.workflow.TaskStep;
import io.runledger.command.workflow.TaskWish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a run made of tasks, told as stories: each command, the events, and what is left to be done. */
class RunTasksTest {

    private RunState state = new RunState();
    private List<RunEvent> events = List.of();
    private List<TaskWish> wishes = List.of();
    private WorkChange work;

    @BeforeEach
    void begin() {
        state = new RunState();
    }

    private void give(RunCommand command) {
        events = RunDecider.decide(command, state);
        TaskChange change = TaskWork.change(command, events, state);
        wishes = change == null ? List.of() : change.wishes();
        work = RunWork.change(command, events, state);
        events.forEach(state::evolve);
    }

    private void tell(TaskReport... reports) {
        give(TaskSample.record(reports));
    }

    private void tell(String task, RunStatus status) {
        tell(told(task, runOf(task), status));
    }

    private RunId runOf(String key) {
        TaskStates tasks = state.tasks();
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.key(i).equals(key)) {
                return tasks.run(i);
            }
        }
        throw new AssertionError("no task " + key);
    }

    private RunStatus statusOf(String key) {
        TaskStates tasks = state.tasks();
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.key(i).equals(key)) {
                return tasks.status(i);
            }
        }
        throw new AssertionError("no task " + key);
    }

    private List<String> asked() {
        return wishes.stream()
                .map(wish -> (wish.step().wireName() + " " + wish.task()).strip())
                .toList();
    }

    private static RunTasksSkipped skipped(String task, SkipReason reason) {
        return new RunTasksSkipped(List.of(new SkippedTask(task, reason)));
    }

    @Test
    void a_run_is_created_validated_and_queued_and_its_first_tasks_with_it() {
        give(create(plan(task("a"), task("b"), task("c", "a", "b"))));

        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("RunCreated", "RunValidating", "RunQueued", "RunTasksQueued");
        assertThat(((RunTasksQueued) events.getLast()).tasks())
                .extracting(QueuedTask::task)
                .containsExactly("a", "b");
        assertThat(asked()).containsExactly("make a", "make b");
        assertThat(runOf("a")).isNotEqualTo(runOf("b")).isNotEqualTo(RUN);
        assertThat(runOf("c")).isNull();
    }

    @Test
    void no_worker_can_claim_it() {
        give(create(plan(task("a"))));
        assertThat(work).isNull();
        assertThat(state.isWatched()).isFalse();

        begin();
        give(create(plan(task("a")), new Terms(null, null, new Concurrency("k", 1), null)));
        assertThat(((WorkChange.Standing) work).status()).isEqualTo(RunStatus.BLOCKED);
        assertThat(wishes).isEmpty();
        give(new RunCommand.QueueRun(RUN, context(), 0));
        assertThat(((WorkChange.Standing) work).status()).isEqualTo(RUNNING);
        assertThat(asked()).containsExactly("make a");
    }

    @Test
    void it_runs_from_its_first_started_task_and_joins_wait_for_all() {
        give(create(plan(task("a"), task("b"), task("c", "a", "b"))));

        tell("a", RUNNING);
        assertThat(events).containsExactly(new RunStarted(1, null, null), new RunTaskStarted("a", runOf("a")));
        tell("a", SUCCEEDED);
        assertThat(events).containsExactly(new RunTaskEnded("a", runOf("a"), SUCCEEDED, null, null));
        assertThat(wishes).isEmpty();
        tell("b", SUCCEEDED);
        assertThat(events).hasSize(2).last().isInstanceOf(RunTasksQueued.class);
        assertThat(asked()).containsExactly("make c");
        tell("c", SUCCEEDED);
        assertThat(events).last().isEqualTo(new RunFinishing(null));
        assertThat(asked()).containsExactly("complete");
        assertThat(state.status()).isEqualTo(FINISHING);

        give(new CompleteTasks(RUN, context(), new Json("{\"a\":1}")));
        assertThat(events).containsExactly(new RunSucceeded(new Json("{\"a\":1}"), null));
    }

    @Test
    void what_it_knows_already_is_no_news_and_neither_is_what_it_did_not_ask_for() {
        give(create(plan(task("a"), conditional("b", "a"))));
        RunId stranger = RunId.of("01KGA0C8G0000000000000000Z");

        tell(told("a", stranger, SUCCEEDED), told("b", null, QUEUED), told("nobody", stranger, FAILED));
        assertThat(events).isEmpty();
        tell(told("a", runOf("a"), QUEUED), told("b", runOf("a"), SUCCEEDED));
        assertThat(events).isEmpty();
        tell("a", RUNNING);
        tell("a", RUNNING);
        assertThat(events).isEmpty();
        tell("a", SUCCEEDED);
        tell("a", FAILED);
        assertThat(events).isEmpty();
    }

    @Test
    void an_end_that_comes_without_a_start_starts_the_run_too() {
        give(create(plan(task("a"), task("b", "a"))));
        tell("a", SUCCEEDED);
        assertThat(events).first().isEqualTo(new RunStarted(1, null, null));
        assertThat(state.status()).isEqualTo(RUNNING);
    }

    @Test
    void a_condition_is_judged_when_nothing_else_holds_the_task_and_what_hangs_on_a_skipped_one_is_skipped() {
        give(create(plan(task("a"), conditional("b", "a"), task("c", "b"), task("d", "a"))));
        assertThat(asked()).containsExactly("make a");
        tell("a", SUCCEEDED);
        assertThat(asked()).containsExactly("judge b", "make d");

        tell(told("b", null, SKIPPED));
        assertThat(events).containsExactly(skipped("b", SkipReason.CONDITION), skipped("c", SkipReason.DEPENDENCY));
        tell("d", SUCCEEDED);
        give(new CompleteTasks(RUN, context(), new Json("{}")));
        assertThat(state.status()).isEqualTo(SUCCEEDED);
    }

    @Test
    void a_condition_that_holds_lets_the_task_be_made() {
        give(create(plan(conditional("a"))));
        assertThat(asked()).containsExactly("judge a");
        tell(told("a", null, QUEUED));
        assertThat(asked()).containsExactly("make a");
        tell(told("a", null, SKIPPED));
        assertThat(events).as("a second judgement").isEmpty();
    }

    @Test
    void a_condition_that_cannot_be_judged_fails_the_task() {
        give(create(plan(conditional("a"))));
        tell(told("a", null, FAILED));
        assertThat(events)
                .containsExactly(
                        new RunTaskEnded("a", null, FAILED, TaskSample.BROKEN, null),
                        new RunStarted(1, null, null),
                        events.getLast());
        assertThat(state.status()).isEqualTo(FAILED);
    }

    @Test
    void all_tasks_may_be_skipped_and_the_run_succeeds() {
        give(create(plan(conditional("a"), conditional("b"))));
        tell(told("a", null, SKIPPED), told("b", null, SKIPPED));
        assertThat(state.status()).isEqualTo(FINISHING);
        assertThat(asked()).containsExactly("complete");
    }

    @Test
    void after_a_failure_nothing_is_begun_and_what_runs_may_finish() {
        give(create(plan(task("a"), task("b"), task("c", "b"), task("d", "a"))));
        tell("b", RUNNING);
        tell("a", FAILED);
        assertThat(events)
                .last()
                .isEqualTo(new RunTasksSkipped(List.of(
                        new SkippedTask("c", SkipReason.FAILURE), new SkippedTask("d", SkipReason.DEPENDENCY))));
        assertThat(wishes).isEmpty();
        assertThat(state.status()).isEqualTo(RUNNING);
        tell("b", SUCCEEDED);
        RunFailed failed = (RunFailed) events.getLast();
        assertThat(failed.error().code()).isEqualTo("task_failed");
        assertThat(failed.error().message()).contains("a").contains("it broke");
    }

    @Test
    void failing_fast_cancels_what_runs() {
        give(create(failingFast(task("a"), task("b"), task("c", "b"))));
        tell("b", RUNNING);
        tell("a", FAILED);
        assertThat(asked()).containsExactly("cancel b");
        assertThat(state.status()).isEqualTo(RUNNING);
        tell("b", CANCELLED);
        assertThat(state.status()).isEqualTo(FAILED);
    }

    @Test
    void the_failure_of_an_optional_task_makes_it_a_partial_success() {
        give(create(plan(optional("a"), task("b"), task("c", "a"))));
        tell("a", FAILED);
        assertThat(events).last().isEqualTo(skipped("c", SkipReason.DEPENDENCY));
        tell("b", SUCCEEDED);
        give(new CompleteTasks(RUN, context(), new Json("{}")));
        assertThat(events).containsExactly(new RunPartiallySucceeded(new Json("{}"), null));
    }

    @Test
    void cancel_and_stop_reach_every_live_task() {
        give(create(plan(task("a"), task("b"), task("c", "a"))));
        tell("a", RUNNING);
        give(SampleRun.stop());
        assertThat(asked()).containsExactly("stop a", "stop b");
        give(SampleRun.cancel());
        assertThat(asked()).containsExactly("cancel a", "cancel b");
        assertThat(state.status()).isEqualTo(CANCELLED);
    }

    @Test
    void what_ends_while_it_is_stopped_is_noted_and_begins_nothing_until_it_is_resumed() {
        give(create(plan(task("a"), task("b", "a"), conditional("c", "a"), task("d"))));
        give(SampleRun.stop());
        tell("a", SUCCEEDED);
        assertThat(events).containsExactly(new RunTaskEnded("a", runOf("a"), SUCCEEDED, null, null));
        assertThat(wishes).isEmpty();
        give(SampleRun.resume());
        assertThat(asked()).containsExactly("make b", "judge c", "resume d");
        assertThat(events).hasSize(3);
    }

    @Test
    void resume_runs_again_only_what_failed_and_what_was_not_done_because_of_it() {
        give(create(failingFast(
                task("good"), task("bad", "good"), task("late", "bad"), conditional("never"), task("slow"))));
        tell(told("never", null, SKIPPED));
        tell("good", SUCCEEDED);
        RunId bad = runOf("bad");
        RunId slow = runOf("slow");
        tell("bad", FAILED);
        tell("slow", CANCELLED);
        assertThat(state.status()).isEqualTo(FAILED);

        give(SampleRun.resume());
        assertThat(asked()).containsExactly("resume bad", "make slow");
        assertThat(runOf("bad")).isEqualTo(bad);
        assertThat(runOf("slow")).as("a cancelled run has ended for good").isNotEqualTo(slow);
        assertThat(statusOf("good")).isEqualTo(SUCCEEDED);
        assertThat(statusOf("never")).isEqualTo(SKIPPED);
        assertThat(statusOf("late")).isEqualTo(RunStatus.CREATED);
        tell("bad", RUNNING);
        assertThat(events).first().isEqualTo(new RunStarted(2, null, null));
        tell("bad", SUCCEEDED);
        tell("slow", SUCCEEDED);
        tell("late", SUCCEEDED);
        assertThat(state.status()).isEqualTo(FINISHING);
    }

    @Test
    void a_failure_that_is_heard_of_late_is_no_news_to_a_run_that_was_resumed() {
        give(create(plan(task("a"))));
        RunId run = runOf("a");
        tell(new TaskReport("a", run, FAILED, TaskSample.BROKEN, 3L));
        assertThat(state.status()).isEqualTo(FAILED);
        give(SampleRun.resume());
        assertThat(wishes).containsExactly(new TaskWish("a", TaskStep.RESUME, run, 3));

        tell(new TaskReport("a", run, FAILED, TaskSample.BROKEN, 3L));
        assertThat(events).isEmpty();
        tell(new TaskReport("a", run, FAILED, TaskSample.BROKEN, 6L));
        assertThat(state.status()).isEqualTo(FAILED);
    }

    @Test
    void a_partial_success_is_resumed_for_what_failed() {
        give(create(plan(optional("a"), task("b"))));
        tell("a", FAILED);
        tell("b", SUCCEEDED);
        give(new CompleteTasks(RUN, context(), new Json("{}")));
        assertThat(state.status()).isEqualTo(PARTIALLY_SUCCEEDED);
        give(SampleRun.resume());
        assertThat(asked()).containsExactly("resume a");
        tell("a", SUCCEEDED);
        give(new CompleteTasks(RUN, context(), new Json("{}")));
        assertThat(state.status()).isEqualTo(SUCCEEDED);
    }

    @Test
    void it_takes_too_long_and_its_tasks_are_cancelled_and_made_anew_when_it_is_resumed() {
        give(create(plan(task("a")), new Terms(Duration.ofSeconds(1), null, null, null)));
        RunId first = runOf("a");
        tell("a", RUNNING);
        assertThat(work).isInstanceOf(WorkChange.Standing.class);
        give(new TimeOutRun(RUN, context(), state.startedBy()));
        assertThat(state.status()).isEqualTo(FAILED);
        assertThat(asked()).containsExactly("cancel a");
        give(SampleRun.resume());
        assertThat(asked()).containsExactly("make a");
        assertThat(runOf("a")).isNotEqualTo(first);
    }

    @Test
    void it_expires_when_no_task_was_started_in_time() {
        give(create(plan(task("a")), new Terms(null, SampleRun.NOW.plusSeconds(1), null, null)));
        assertThat(((WorkChange.Standing) work).expiresAt()).isNotNull();
        give(new ExpireRun(RUN, context()));
        assertThat(state.status()).isEqualTo(FAILED);
        assertThat(asked()).containsExactly("cancel a");
    }

    @Test
    void what_was_done_before_is_carried_over() {
        RunId before = RunId.of("01KGA0C8G0000000000000000Z");
        give(create(plan(carried("a", before), task("b", "a"))));
        assertThat(asked()).containsExactly("make b");
        assertThat(statusOf("a")).isEqualTo(SUCCEEDED);
        assertThat(runOf("a")).isEqualTo(before);
    }

    @Test
    void nobody_else_starts_or_ends_it() {
        give(create(plan(task("a"))));
        refused(SampleRun.start());
        tell("a", RUNNING);
        Stream.of(SampleRun.finish(null), SampleRun.complete(null), SampleRun.fail(null, SampleRun.HOPELESS))
                .forEach(this::refused);
        give(SampleRun.note());
        assertThat(events).hasSize(1);
    }

    private void refused(RunCommand command) {
        RunRefused refused = catchThrowableOfType(RunRefused.class, () -> RunDecider.decide(command, state));
        assertThat(refused.code()).isEqualTo(ProblemCode.CONFLICT);
        assertThat((List<?>) refused.facts().get("allowed"))
                .asString()
                .contains("cancel")
                .doesNotContain("complete", "start", "fail", "finish");
    }

    @Test
    void its_tasks_are_not_begun_before_its_own_time_has_come() {
        CreateRun later = create(plan(task("a")));
        give(new CreateRun(
                RUN,
                later.context(),
                later.target(),
                later.mode(),
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
                SampleRun.NOW.plusSeconds(60),
                null,
                null,
                later.tasks(),
                null));
        assertThat(state.status()).isEqualTo(RunStatus.SCHEDULED);
        assertThat(wishes).isEmpty();
        give(new RunCommand.QueueRun(RUN, context(), null));
        assertThat(asked()).containsExactly("make a");
    }

    /** The run of a task: one that tells its parent. */
    private static CreateRun child() {
        return new CreateRun(
                RUN,
                context(),
                SampleRun.create(SampleRun.NO_TIME).target(),
                SampleRun.create(SampleRun.NO_TIME).mode(),
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
                null,
                new Parent(RunId.of("01KGA0C8G0000000000000000P"), RunId.of("01KGA0C8G0000000000000000P"), "a"));
    }

    @Test
    void the_run_of_a_task_reports_its_start_and_its_end() {
        give(child());
        assertThat(wishes).isEmpty();
        give(SampleRun.start());
        assertThat(wishes).containsExactly(new TaskWish("a", TaskStep.REPORT, null));
        give(SampleRun.note());
        assertThat(wishes).isEmpty();
        give(SampleRun.complete(null));
        assertThat(asked()).containsExactly("report a");
    }

    @ParameterizedTest
    @EnumSource(names = {"CANCELLED", "STOPPED"})
    void a_run_that_is_not_wanted_is_made_without_a_moment_in_which_it_could_be_claimed(RunStatus status) {
        give(new WithholdRun(child(), status, "not wanted"));
        assertThat(state.status()).isEqualTo(status);
        assertThat(work).isNull();
        assertThat(asked()).isEqualTo(status == CANCELLED ? List.of("report a") : List.of());
        if (status == STOPPED) {
            give(SampleRun.resume());
            assertThat(state.status()).isEqualTo(QUEUED);
        }
    }

    @Test
    void a_thousand_tasks_side_by_side_and_one_after_another() {
        List<io.runledger.api.PlannedTask> tasks = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            tasks.add(i % 2 == 0 || i == 1 ? task("t" + i) : task("t" + i, "t" + (i - 2)));
        }
        give(create(new TaskPlan(io.runledger.api.FailurePolicy.FAIL_FAST, tasks)));
        Map<String, Integer> made = new java.util.HashMap<>();
        wishes.forEach(wish -> made.merge(wish.task(), 1, Integer::sum));
        for (int i = 0; i < 1_000; i++) {
            tell("t" + i, SUCCEEDED);
            wishes.forEach(wish -> made.merge(wish.task(), 1, Integer::sum));
        }
        assertThat(state.status()).isEqualTo(FINISHING);
        assertThat(made)
                .hasSize(1_001)
                .allSatisfy((task, times) -> assertThat(times).isEqualTo(1));
    }
}
