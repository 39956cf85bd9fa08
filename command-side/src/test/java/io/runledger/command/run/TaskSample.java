package io.runledger.command.run;

import static io.runledger.command.run.SampleRun.NOW;
import static io.runledger.command.run.SampleRun.RUN;
import static io.runledger.command.run.SampleRun.context;

import io.runledger.api.CommandContext;
import io.runledger.api.FailurePolicy;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.RecordTasks;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.api.TaskReport;
import io.runledger.api.Terms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans and runs made of tasks that the tests tell stories about. */
public final class TaskSample {

    static final RunError BROKEN = new RunError("broken", "it broke", null, null);

    private TaskSample() {}

    /** A task that needs these others. */
    public static PlannedTask task(String key, String... needs) {
        return task(key, null, false, null, needs);
    }

    static PlannedTask optional(String key, String... needs) {
        return task(key, null, true, null, needs);
    }

    static PlannedTask conditional(String key, String... needs) {
        return task(key, "run.input.go", false, null, needs);
    }

    static PlannedTask carried(String key, RunId run, String... needs) {
        return task(key, null, false, run, needs);
    }

    /** A task with everything that the rules look at. */
    public static PlannedTask task(
            String key, @Nullable String condition, boolean optional, @Nullable RunId carried, String... needs) {
        return new PlannedTask(
                key,
                Target.of("task:" + key),
                null,
                null,
                null,
                null,
                null,
                needs.length == 0 ? null : List.of(needs),
                condition,
                optional ? true : null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                carried);
    }

    static TaskPlan plan(PlannedTask... tasks) {
        return new TaskPlan(FailurePolicy.FINISH_WHAT_RUNS, List.of(tasks));
    }

    static TaskPlan failingFast(PlannedTask... tasks) {
        return new TaskPlan(FailurePolicy.FAIL_FAST, List.of(tasks));
    }

    static CreateRun create(TaskPlan plan) {
        return create(plan, null);
    }

    static CreateRun create(TaskPlan plan, @Nullable Terms terms) {
        return new CreateRun(
                RUN,
                context(),
                Target.of("workflow:film"),
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
                terms,
                null,
                plan,
                null);
    }

    static RunCreated created(TaskPlan plan) {
        return new RunCreated(
                RUN,
                "default",
                Target.of("workflow:film"),
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
                plan,
                null);
    }

    static RecordTasks record(TaskReport... reports) {
        return new RecordTasks(RUN, context(), List.of(reports));
    }

    static TaskReport told(String task, @Nullable RunId run, RunStatus status) {
        return new TaskReport(task, run, status, status == RunStatus.FAILED ? BROKEN : null, null);
    }

    static CommandContext at() {
        return new CommandContext("default", "ledger", NOW, null, null, null, "r");
    }
}
