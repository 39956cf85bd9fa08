package io.runledger.command.workflow;

import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.SkipReason;
import io.runledger.api.TaskReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What becomes of a run made of tasks: pure functions of what happened, like all rules of runs. */
public final class TaskRules {

    private TaskRules() {}

    /**
     * The run that decides.
     *
     * @param version of its last event
     * @param attempt that was begun last; 0 before the first
     * @param at when it decides
     */
    public record Situation(RunId runId, RunStatus status, long version, int attempt, Instant at) {}

    /**
     * What follows from how it stands: whose turn has come, what will not be done, and whether that is all. Nothing while
     * the run is not under way.
     */
    public static List<RunEvent> follow(TaskStates states, Situation run) {
        if (run.status() != RunStatus.QUEUED && run.status() != RunStatus.RUNNING) {
            return List.of();
        }
        TaskStates next = states.copy();
        List<RunEvent> events = new ArrayList<>();
        List<SkippedTask> skipped = skipped(next);
        if (!skipped.isEmpty()) {
            add(new RunTasksSkipped(skipped), next, events, run);
        }
        List<QueuedTask> queued = queued(next, run);
        if (!queued.isEmpty()) {
            add(new RunTasksQueued(queued), next, events, run);
        }
        if (next.areAllOver()) {
            if (run.status() == RunStatus.QUEUED) {
                events.add(new RunStarted(run.attempt() + 1, null, null));
            }
            events.add(next.failure() == null ? new RunFinishing(null) : new RunFailed(next.failure(), null));
        }
        return events;
    }

    private static void add(RunEvent event, TaskStates next, List<RunEvent> events, Situation run) {
        events.add(event);
        next.evolve(event, run.status());
    }

    private static List<SkippedTask> skipped(TaskStates states) {
        TaskStates next = states.copy();
        List<SkippedTask> skipped = new ArrayList<>();
        // In this order, what hangs on a task that is skipped is looked at after it.
        for (int task : next.graph().inOrder()) {
            if (next.status(task) == RunStatus.CREATED && (next.isFailing() || next.waitsInVain(task))) {
                SkipReason reason = next.waitsInVain(task) ? SkipReason.DEPENDENCY : SkipReason.FAILURE;
                SkippedTask one = new SkippedTask(next.key(task), reason);
                skipped.add(one);
                next.evolve(new RunTasksSkipped(List.of(one)), RunStatus.RUNNING);
            }
        }
        skipped.sort(Comparator.comparingInt(one -> next.graph().placeOf(one.task())));
        return skipped;
    }

    private static List<QueuedTask> queued(TaskStates states, Situation run) {
        List<QueuedTask> queued = new ArrayList<>();
        for (int task = 0; task < states.size(); task++) {
            if (states.isReady(task) && !states.graph().isConditional(task)) {
                queued.add(queued(task, states, run));
            }
        }
        return queued;
    }

    private static QueuedTask queued(int task, TaskStates states, Situation run) {
        RunId before = states.run(task);
        return new QueuedTask(states.key(task), before == null ? newRun(states.key(task), run) : before);
    }

    /** No other task of any run has this id, and the same decision made again comes to the same one. */
    private static RunId newRun(String task, Situation run) {
        byte[] name = (run.runId() + " " + run.version() + " " + task).getBytes(StandardCharsets.UTF_8);
        UUID hash = UUID.nameUUIDFromBytes(name);
        return RunId.at(run.at().toEpochMilli(), hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }

    /** What these reports say that the run does not know; {@link #follow} says what comes of it. */
    public static List<RunEvent> record(List<TaskReport> reports, TaskStates states, Situation run) {
        TaskStates next = states.copy();
        List<RunEvent> news = new ArrayList<>();
        boolean started = false;
        for (TaskReport report : reports) {
            RunEvent event = news(report, next, run);
            if (event != null) {
                add(event, next, news, run);
                started |= event instanceof RunTaskStarted || wasBegun(event);
            }
        }
        if (started && run.status() == RunStatus.QUEUED) {
            news.addFirst(new RunStarted(run.attempt() + 1, null, null));
        }
        return news;
    }

    /** Its start may never be reported when its end comes soon after. */
    private static boolean wasBegun(RunEvent event) {
        return event instanceof RunTaskEnded ended && ended.runId() != null && ended.status() != RunStatus.CANCELLED;
    }

    private static @Nullable RunEvent news(TaskReport report, TaskStates states, Situation run) {
        int task = states.graph().placeOf(report.task());
        if (task < 0) {
            return null;
        }
        if (report.runId() == null) {
            boolean asked = run.status() != RunStatus.STOPPED && states.isToBeJudged(task);
            return asked ? judged(report, task, states, run) : null;
        }
        // A run that failed and goes on may be heard of late, as it was before.
        boolean isOld = report.version() != null && report.version() <= states.heard(task);
        if (isOld || !states.isLive(task) || !report.runId().equals(states.run(task))) {
            return null;
        }
        if (report.status().isEnd()) {
            return new RunTaskEnded(report.task(), report.runId(), report.status(), report.error(), report.version());
        }
        return report.status() == RunStatus.RUNNING && states.status(task) == RunStatus.QUEUED
                ? new RunTaskStarted(report.task(), report.runId())
                : null;
    }

    private static RunEvent judged(TaskReport report, int task, TaskStates states, Situation run) {
        return switch (report.status()) {
            case QUEUED -> new RunTasksQueued(List.of(queued(task, states, run)));
            case SKIPPED -> new RunTasksSkipped(List.of(new SkippedTask(report.task(), SkipReason.CONDITION)));
            default -> new RunTaskEnded(report.task(), null, RunStatus.FAILED, report.error(), null);
        };
    }

    /** How the run ends whose tasks are all over, when it has not failed. */
    public static RunEvent complete(Json output, TaskStates states) {
        return states.isPartial() ? new RunPartiallySucceeded(output, null) : new RunSucceeded(output, null);
    }
}
