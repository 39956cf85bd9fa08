package io.runledger.command.task;

import io.runledger.api.CommandContext;
import io.runledger.api.PlannedTask;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CancelRun;
import io.runledger.api.RunCommand.CompleteTasks;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.RecordTasks;
import io.runledger.api.RunCommand.ResumeRun;
import io.runledger.api.RunCommand.StopRun;
import io.runledger.api.RunCommand.WithholdRun;
import io.runledger.api.RunError;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.TaskPlan;
import io.runledger.api.TaskReport;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.store.TaskDirectory.PlannedRun;
import io.runledger.command.store.TaskDirectory.Standing;
import io.runledger.command.task.TaskTable.Due;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Does for one run made of tasks what is to be done. Each step asks how things stand and brings them where they are wanted,
 * so it may be done again, late, or by two nodes at once.
 */
final class TaskSteps {

    /** Who these commands are by, as it stands in the events, but for creates, which are by who created the parent. */
    static final String ACTOR = "ledger";

    private final RunCommands commands;
    private final TaskDirectory directory;
    private final TaskRuns runs;
    private final TaskSettings settings;
    private final Clock clock;
    private final RunId parent;
    private final String project;
    private @Nullable PlannedRun planned;
    private final Map<String, PlannedTask> tasks = new HashMap<>();

    TaskSteps(
            RunCommands commands,
            TaskDirectory directory,
            TaskRuns runs,
            TaskSettings settings,
            Clock clock,
            Due first) {
        this.commands = commands;
        this.directory = directory;
        this.runs = runs;
        this.settings = settings;
        this.clock = clock;
        this.parent = first.parent();
        this.project = first.project();
    }

    /** Tells the run what it wants to know; it takes no notice of what it knows, or does not care about any more. */
    void tell(List<TaskReport> reports) {
        if (!reports.isEmpty()) {
            send(new RecordTasks(parent, context(null, null), reports));
        }
    }

    /** How the tasks stand whose runs have something to report. */
    List<TaskReport> standings(List<Due> reports) {
        Map<RunId, Standing> standings =
                directory.standings(reports.stream().map(Due::run).toList());
        return reports.stream()
                .filter(due -> standings.containsKey(due.run()))
                .map(due -> report(due.task(), due.run(), Objects.requireNonNull(standings.get(due.run()))))
                .toList();
    }

    private static TaskReport report(String task, RunId run, Standing standing) {
        return new TaskReport(task, run, standing.status(), standing.error(), standing.version());
    }

    /** Whether the condition of a task holds. */
    TaskReport judge(Due due) {
        PlannedTask task = task(due);
        try {
            TaskFacts facts = TaskFacts.of(planned(), task, directory, settings.outputBytes());
            boolean holds = Condition.of(Objects.requireNonNull(task.condition()), settings)
                    .holds(facts);
            return new TaskReport(due.task(), null, holds ? RunStatus.QUEUED : RunStatus.SKIPPED, null, null);
        } catch (Problem cannot) {
            if (cannot.code() == ProblemCode.UNAVAILABLE) {
                throw cannot;
            }
            return failed(due, null, "condition_failed", cannot);
        }
    }

    /** Brings the run of a task where it is wanted; answers with what its parent must be told of it, if anything. */
    @Nullable
    TaskReport bring(Due due) {
        RunId run = Objects.requireNonNull(due.taskRun());
        return switch (due.step()) {
            case MAKE -> make(due, run);
            case RESUME -> resume(due, run);
            case STOP ->
                withheld(due, run, new StopRun(run, context(due, null), "its run was stopped"), RunStatus.STOPPED);
            case CANCEL ->
                withheld(
                        due,
                        run,
                        new CancelRun(run, context(due, null), "its run goes on without it"),
                        RunStatus.CANCELLED);
            case JUDGE, COMPLETE, REPORT ->
                throw new IllegalArgumentException(due.step() + " is about no run of a task");
        };
    }

    private @Nullable TaskReport make(Due due, RunId run) {
        CreateRun create;
        try {
            create = runs.create(planned(), task(due), run);
        } catch (Problem cannot) {
            if (cannot.code() == ProblemCode.UNAVAILABLE) {
                throw cannot;
            }
            return failed(due, run, "task_impossible", cannot);
        }
        commands.send(create);
        return null;
    }

    /** What ended, or was stopped, since the wish was made is left as it is. */
    private @Nullable TaskReport resume(Due due, RunId run) {
        Standing standing = directory.standings(List.of(run)).get(run);
        if (standing == null) {
            return make(due, run);
        }
        boolean isMeant = standing.status() == RunStatus.STOPPED
                || standing.status() == RunStatus.FAILED && standing.version() <= due.heard();
        CommandContext context = context(due, standing.version());
        if (isMeant && sendTo(new ResumeRun(run, context, null, null)) != null) {
            return null;
        }
        return report(due.task(), run, standing);
    }

    /** A run that is not there yet is made in the status that is wanted, so that nobody can make it otherwise later. */
    private @Nullable TaskReport withheld(Due due, RunId run, RunCommand command, RunStatus status) {
        if (sendTo(command) != null) {
            return null;
        }
        if (directory.standings(List.of(run)).isEmpty()) {
            CreateRun create = runs.unwanted(planned(), task(due), run);
            boolean made = commands.send(new WithholdRun(create, status, reason(command)))
                    .written();
            if (made || sendTo(command) != null) {
                return null;
            }
        }
        Standing standing = directory.standings(List.of(run)).get(run);
        if (standing == null) {
            return null;
        }
        // It has ended, perhaps before it was wanted once more: that it goes on no more is news then, though its end is
        // not.
        Long version = status == RunStatus.CANCELLED ? null : (Long) standing.version();
        return new TaskReport(due.task(), run, standing.status(), standing.error(), version);
    }

    private static String reason(RunCommand command) {
        String reason = command instanceof StopRun stop ? stop.reason() : ((CancelRun) command).reason();
        return Objects.requireNonNull(reason);
    }

    /** Puts the results of all tasks together; those for which there is no room are named by the runs that have them. */
    void complete() {
        TaskPlan plan = Objects.requireNonNull(planned().created().tasks());
        Map<String, TaskDirectory.Done> done = TaskFacts.done(planned(), directory);
        List<PlannedTask> inOrder = plan.tasks().stream()
                .filter(task -> done.containsKey(task.key()))
                .toList();
        List<RunId> ids = inOrder.stream()
                .map(task -> Objects.requireNonNull(done.get(task.key())).runId())
                .toList();
        send(new CompleteTasks(
                parent,
                context(null, null),
                TaskOutput.of(inOrder, ids, directory.outputs(ids, settings.outputBytes()))));
    }

    private static TaskReport failed(Due due, @Nullable RunId run, String code, Problem cause) {
        String why = cause.errors().isEmpty()
                ? String.valueOf(cause.getMessage())
                : cause.errors().getFirst().pointer() + ": "
                        + cause.errors().getFirst().detail();
        return new TaskReport(due.task(), run, RunStatus.FAILED, new RunError(code, why, false, null), null);
    }

    // Asked for by several at once.
    private synchronized PlannedRun planned() {
        PlannedRun known = planned;
        if (known == null) {
            known = directory.planned(parent);
            Objects.requireNonNull(known.created().tasks()).tasks().forEach(task -> tasks.put(task.key(), task));
            planned = known;
        }
        return known;
    }

    private PlannedTask task(Due due) {
        var _ = planned();
        return Objects.requireNonNull(tasks.get(due.task()));
    }

    /** Null when the run takes the command no more, or there is none. */
    private @Nullable Outcome sendTo(RunCommand command) {
        try {
            return commands.send(command);
        } catch (Problem refused) {
            return switch (refused.code()) {
                case NOT_FOUND, INVALID_TRANSITION, VERSION_MISMATCH -> null;
                default -> throw refused;
            };
        }
    }

    private void send(RunCommand command) {
        try {
            commands.send(command);
        } catch (Problem refused) {
            // The run has gone another way meanwhile.
            if (refused.code() != ProblemCode.INVALID_TRANSITION) {
                throw refused;
            }
        }
    }

    /** With an id for what a run takes once: whoever is late with an old wish has no effect. */
    private CommandContext context(@Nullable Due due, @Nullable Long ifVersion) {
        String commandId = due == null ? null : due.parent() + "-" + due.version();
        return new CommandContext(project, ACTOR, clock.instant(), null, commandId, ifVersion, ACTOR);
    }
}
