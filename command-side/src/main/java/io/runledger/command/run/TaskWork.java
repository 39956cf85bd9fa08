package io.runledger.command.run;

import io.runledger.api.Parent;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.WithholdRun;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunStatus;
import io.runledger.command.store.TaskChange;
import io.runledger.command.workflow.TaskRules;
import io.runledger.command.workflow.TaskRules.Situation;
import io.runledger.command.workflow.TaskStates;
import io.runledger.command.workflow.TaskStep;
import io.runledger.command.workflow.TaskWish;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command means for the tasks of its run, and for the run whose task its run is: pure, like the rules. */
final class TaskWork {

    private TaskWork() {}

    /** The run after some events, as far as tasks are concerned. */
    private record After(TaskStates tasks, RunStatus status, int attempt) {}

    /** These events and what follows from them for the tasks of the run. */
    static List<RunEvent> follow(RunCommand command, List<RunEvent> events, RunState state) {
        After after = after(events, state);
        if (after == null) {
            return events;
        }
        List<RunEvent> all = new ArrayList<>(events);
        all.addAll(TaskRules.follow(
                after.tasks(), situation(command, after.status(), after.attempt(), state.version() + events.size())));
        return all;
    }

    static Situation situation(RunCommand command, RunState state) {
        return situation(command, state.status(), state.attempt(), state.version());
    }

    private static Situation situation(RunCommand command, RunStatus status, int attempt, long version) {
        return new Situation(
                command.runId(), status, version, attempt, command.context().at());
    }

    /** What these events, decided on this state, leave to be done about tasks; null when nothing. */
    static @Nullable TaskChange change(RunCommand command, List<RunEvent> events, RunState state) {
        if (events.isEmpty()) {
            return null;
        }
        Parent parent = parent(command, state);
        After after = after(events, state);
        List<TaskWish> wishes;
        if (after != null) {
            wishes = TaskWish.between(state.tasks(), state.status(), after.tasks(), after.status());
        } else if (parent != null && events.stream().anyMatch(TaskWork::isNewsForTheParent)) {
            wishes = List.of(new TaskWish(parent.task(), TaskStep.REPORT, null));
        } else {
            wishes = List.of();
        }
        return wishes.isEmpty()
                ? null
                : new TaskChange(
                        command.runId(),
                        state.version() + events.size(),
                        command.context().project(),
                        parent == null ? command.runId() : parent.runId(),
                        wishes);
    }

    private static @Nullable Parent parent(RunCommand command, RunState state) {
        return switch (command) {
            case CreateRun create -> create.parent();
            case WithholdRun withhold -> withhold.create().parent();
            default -> state.parent();
        };
    }

    private static boolean isNewsForTheParent(RunEvent event) {
        RunStatus next = RunTransition.statusAfter(event);
        return next == RunStatus.RUNNING || next != null && next.isEnd();
    }

    private static @Nullable After after(List<RunEvent> events, RunState state) {
        TaskStates known = state.tasks();
        TaskStates tasks = known == null ? null : known.copy();
        RunStatus status = state.status();
        int attempt = state.attempt();
        for (RunEvent event : events) {
            if (event instanceof RunCreated created && created.tasks() != null) {
                tasks = TaskStates.of(created.tasks());
            }
            if (tasks != null) {
                tasks.evolve(event, status);
            }
            RunStatus next = RunTransition.statusAfter(event);
            status = next == null ? status : next;
            attempt = event instanceof RunStarted started ? started.attempt() : attempt;
        }
        return tasks == null || events.isEmpty() ? null : new After(tasks, status, attempt);
    }
}
