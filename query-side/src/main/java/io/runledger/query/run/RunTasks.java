package io.runledger.query.run;

import io.runledger.api.PlannedTask;
import io.runledger.api.RunEvent.QueuedTask;
import io.runledger.api.RunEvent.RunTaskEnded;
import io.runledger.api.RunEvent.RunTaskStarted;
import io.runledger.api.RunEvent.RunTasksQueued;
import io.runledger.api.RunEvent.RunTasksSkipped;
import io.runledger.api.RunEvent.SkippedTask;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView.Task;
import io.runledger.api.SkipReason;
import io.runledger.api.TaskPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How it stands with the tasks of a run, as far as the run was told; a run that is not made of tasks has none. */
final class RunTasks {

    private RunTasks() {}

    static void plan(RunRow row, @Nullable TaskPlan plan) {
        if (plan != null) {
            Map<String, Task> tasks = new LinkedHashMap<>();
            for (PlannedTask task : plan.tasks()) {
                RunStatus status = task.carried() == null ? RunStatus.CREATED : RunStatus.SUCCEEDED;
                tasks.put(task.key(), new Task(task.carried(), task.key(), status, null));
            }
            row.tasks = tasks;
        }
    }

    static void queue(RunRow row, RunTasksQueued queued) {
        for (QueuedTask task : queued.tasks()) {
            put(row, task.task(), task.runId(), RunStatus.QUEUED, null);
        }
    }

    static void start(RunRow row, RunTaskStarted started) {
        put(row, started.task(), started.runId(), RunStatus.RUNNING, null);
    }

    static void end(RunRow row, RunTaskEnded ended) {
        put(row, ended.task(), ended.runId(), ended.status(), null);
    }

    static void skip(RunRow row, RunTasksSkipped skipped) {
        for (SkippedTask task : skipped.tasks()) {
            put(row, task.task(), null, RunStatus.SKIPPED, task.reason());
        }
    }

    private static void put(
            RunRow row, String key, @Nullable RunId run, RunStatus status, @Nullable SkipReason reason) {
        Map<String, Task> tasks =
                Objects.requireNonNull(row.tasks, "a run that is not made of tasks, or whose tasks were not read");
        tasks.put(key, new Task(run, key, status, reason));
    }

    /** The runs of tasks are stopped with their parent. */
    static void stop(RunRow row) {
        change(row, task -> isLive(task) ? status(task, RunStatus.STOPPED) : task);
    }

    /** What was stopped goes on; what failed, and what was not done because of it, waits for its turn again. */
    static void resume(RunRow row) {
        change(row, task -> switch (task.status()) {
            case STOPPED -> status(task, RunStatus.QUEUED);
            case FAILED, CANCELLED, INVALID -> status(task, RunStatus.CREATED);
            case SKIPPED -> task.reason() == SkipReason.CONDITION ? task : status(task, RunStatus.CREATED);
            default -> task;
        });
    }

    /** The run has ended before its tasks: those that are under way are cancelled, the others are not begun. */
    static void end(RunRow row) {
        change(row, task -> {
            if (isLive(task) || task.status() == RunStatus.STOPPED) {
                return status(task, RunStatus.CANCELLED);
            }
            return task.status() == RunStatus.CREATED ? status(task, RunStatus.SKIPPED) : task;
        });
    }

    private interface Change {
        Task of(Task task);
    }

    private static void change(RunRow row, Change change) {
        if (row.tasks != null) {
            row.tasks.replaceAll((_, task) -> change.of(task));
        }
    }

    private static boolean isLive(Task task) {
        return task.status() == RunStatus.QUEUED || task.status() == RunStatus.RUNNING;
    }

    private static Task status(Task task, RunStatus status) {
        return new Task(task.id(), task.key(), status, null);
    }

    static List<Task> view(RunRow row) {
        return row.tasks == null ? List.of() : List.copyOf(row.tasks.values());
    }
}
