package io.runledger.command.workflow;

import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.SkipReason;
import io.runledger.api.TaskPlan;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with the tasks of a run, as far as the run was told. Folded in place; it never judges. A task is created
 * until its turn comes, queued until its run was started, and then goes by the status of its run.
 */
public final class TaskStates {

    private final TaskGraph graph;
    private final RunStatus[] statuses;
    private final @Nullable RunId[] runs;
    private final BitSet unmetConditions;

    /** Up to which of its events each task's run was heard of when it ended; -1 before. */
    private final long[] heard;

    private @Nullable RunError failure;

    private TaskStates(
            TaskGraph graph,
            RunStatus[] statuses,
            @Nullable RunId[] runs,
            BitSet unmetConditions,
            long[] heard,
            @Nullable RunError failure) {
        this.graph = graph;
        this.statuses = statuses;
        this.runs = runs;
        this.unmetConditions = unmetConditions;
        this.heard = heard;
        this.failure = failure;
    }

    /** The tasks of this plan before anything happened. */
    public static TaskStates of(TaskPlan plan) {
        TaskGraph graph = TaskGraph.of(plan);
        RunStatus[] statuses = new RunStatus[graph.size()];
        @Nullable RunId[] runs = new @Nullable RunId[graph.size()];
        for (int i = 0; i < statuses.length; i++) {
            runs[i] = graph.carried(i);
            statuses[i] = runs[i] == null ? RunStatus.CREATED : RunStatus.SUCCEEDED;
        }
        long[] heard = new long[graph.size()];
        Arrays.fill(heard, -1);
        return new TaskStates(graph, statuses, runs, new BitSet(), heard, null);
    }

    /** The same, to be folded on without a change to this. */
    public TaskStates copy() {
        return new TaskStates(
                graph, statuses.clone(), runs.clone(), (BitSet) unmetConditions.clone(), heard.clone(), failure);
    }

    /**
     * Adds an event of the run.
     *
     * @param before the status of the run before this event
     */
    public void evolve(RunEvent event, RunStatus before) {
        switch (event) {
            case RunTasksQueued queued ->
                queued.tasks().forEach(task -> become(task.task(), RunStatus.QUEUED, task.runId()));
            case RunTaskStarted started -> become(started.task(), RunStatus.RUNNING, started.runId());
            case RunTaskEnded ended -> end(ended);
            case RunTasksSkipped skipped -> skipped.tasks().forEach(this::skip);
            case RunResumed _ -> resume(before == RunStatus.STOPPED);
            default -> {}
        }
    }

    private void become(String key, RunStatus status, @Nullable RunId run) {
        int task = graph.placeOf(key);
        if (task >= 0) {
            heard[task] = run != null && run.equals(runs[task]) ? heard[task] : -1;
            statuses[task] = status;
            runs[task] = run;
        }
    }

    private void skip(SkippedTask skipped) {
        become(skipped.task(), RunStatus.SKIPPED, null);
        int task = graph.placeOf(skipped.task());
        if (task >= 0) {
            unmetConditions.set(task, skipped.reason() == SkipReason.CONDITION);
        }
    }

    private void end(RunTaskEnded ended) {
        become(ended.task(), ended.status(), ended.runId());
        int task = graph.placeOf(ended.task());
        if (task >= 0 && ended.runVersion() != null) {
            heard[task] = ended.runVersion();
        }
        if (task >= 0 && failure == null && hasFailed(task) && !graph.isOptional(task)) {
            String why = ended.error() == null
                    ? " was " + ended.status().wireName()
                    : " failed: " + ended.error().message();
            failure = new RunError("task_failed", "The task " + ended.task() + why, null, null);
        }
    }

    /** What failed, and what was not done because of it, is to be done again; what was begun goes on when it can. */
    private void resume(boolean goesOn) {
        failure = null;
        for (int task = 0; task < statuses.length; task++) {
            boolean again = switch (statuses[task]) {
                case FAILED -> true;
                case CANCELLED, INVALID -> {
                    runs[task] = null;
                    yield true;
                }
                case SKIPPED -> !unmetConditions.get(task);
                // Its run is being cancelled, for this run ended before it.
                case QUEUED, RUNNING -> {
                    runs[task] = goesOn ? runs[task] : null;
                    yield !goesOn;
                }
                default -> false;
            };
            statuses[task] = again ? RunStatus.CREATED : statuses[task];
        }
    }

    /** How many tasks there are. */
    public int size() {
        return statuses.length;
    }

    /** The key of the task at this place. */
    public String key(int task) {
        return graph.key(task);
    }

    /** How it stands with the task at this place. */
    public RunStatus status(int task) {
        return statuses[task];
    }

    /** The run that does the task, or did it last; null when there is none. */
    public @Nullable RunId run(int task) {
        return runs[task];
    }

    /** Up to which of its events the task's run was heard of when it ended last; -1 when it has not. */
    long heard(int task) {
        return heard[task];
    }

    /** Why the run is bound to fail; null when it is not. */
    @Nullable
    RunError failure() {
        return failure;
    }

    /** Whether the run is bound to fail. */
    boolean isFailing() {
        return failure != null;
    }

    TaskGraph graph() {
        return graph;
    }

    /** Whether the task's turn has come and its end has not. */
    boolean isLive(int task) {
        return statuses[task] == RunStatus.QUEUED || statuses[task] == RunStatus.RUNNING;
    }

    /** Whether nothing holds the task any more but its condition. */
    boolean isReady(int task) {
        return statuses[task] == RunStatus.CREATED
                && Arrays.stream(graph.needs(task)).allMatch(this::hasSucceeded);
    }

    /** Whether it must be found out now if the task's condition holds. */
    boolean isToBeJudged(int task) {
        return graph.isConditional(task) && !isFailing() && isReady(task);
    }

    /** Whether a task that this one needs will never succeed. */
    boolean waitsInVain(int task) {
        return Arrays.stream(graph.needs(task))
                .anyMatch(need -> statuses[need] == RunStatus.SKIPPED || hasFailed(need));
    }

    boolean areAllOver() {
        return Arrays.stream(statuses).allMatch(RunStatus::isEnd);
    }

    /** Whether some of what was to be done was not, though the run has not failed. */
    boolean isPartial() {
        for (int task = 0; task < statuses.length; task++) {
            if (hasFailed(task) || statuses[task] == RunStatus.PARTIALLY_SUCCEEDED) {
                return true;
            }
        }
        return false;
    }

    private boolean hasSucceeded(int task) {
        return statuses[task] == RunStatus.SUCCEEDED || statuses[task] == RunStatus.PARTIALLY_SUCCEEDED;
    }

    private boolean hasFailed(int task) {
        return switch (statuses[task]) {
            case FAILED, CANCELLED, INVALID -> true;
            case CREATED,
                    VALIDATING,
                    SCHEDULED,
                    BLOCKED,
                    QUEUED,
                    RUNNING,
                    STOPPED,
                    FINISHING,
                    SUCCEEDED,
                    PARTIALLY_SUCCEEDED,
                    SKIPPED -> false;
        };
    }
}
