package io.runledger.command.run;

import io.runledger.api.RunCommand.CompleteTasks;
import io.runledger.api.RunCommand.RecordTasks;
import io.runledger.api.RunCommand.WithholdRun;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.command.workflow.TaskRules;
import io.runledger.command.workflow.TaskStates;
import java.util.List;

/** The rules of the commands that concern tasks, pure like those of runs; what follows from them says {@link TaskWork}. */
final class TaskDecider {

    private TaskDecider() {}

    static List<RunEvent> withhold(WithholdRun command, RunCreated created) {
        RunEvent end = command.status() == RunStatus.STOPPED
                ? new RunStopped(RunStatus.CREATED, command.reason())
                : new RunCancelled(command.reason());
        return List.of(created, end);
    }

    static List<RunEvent> record(RecordTasks command, RunState state) {
        TaskStates tasks = state.tasks();
        return tasks == null
                ? List.of()
                : TaskRules.record(command.reports(), tasks, TaskWork.situation(command, state));
    }

    static List<RunEvent> complete(CompleteTasks command, RunState state) {
        TaskStates tasks = state.tasks();
        return tasks == null ? List.of() : List.of(TaskRules.complete(command.output(), tasks));
    }

    /** A run made of tasks is started, and ends, by what becomes of its tasks. */
    static void requireNotLeftToTasks(RunTransition row, RunState state) {
        if (state.tasks() != null && isLeftToTasks(row)) {
            throw RunRefused.madeOfTasks(state);
        }
    }

    static boolean isLeftToTasks(RunTransition row) {
        return row == RunTransition.START
                || row == RunTransition.FINISH
                || row == RunTransition.COMPLETE
                || row == RunTransition.FAIL;
    }
}
