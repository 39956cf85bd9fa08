package io.runledger.command.workflow;

import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run wants to be done about one of its tasks; the last wish about a task is the one that counts.
 *
 * @param task its key; empty when it is about the run itself
 * @param run that does the task; null when there is none
 * @param heard the event of it up to which it had ended when it was wanted again; -1 when it had not
 */
public record TaskWish(String task, TaskStep step, @Nullable RunId run, long heard) {

    /** A wish about a run that has not ended, or about none. */
    public TaskWish(String task, TaskStep step, @Nullable RunId run) {
        this(task, step, run, -1);
    }

    private enum Aim {
        NOTHING,
        JUDGED,
        GOING,
        STOPPED,
        CANCELLED
    }

    /**
     * What is to be done because this became that.
     *
     * @param before null when the run was just created
     */
    public static List<TaskWish> between(
            @Nullable TaskStates before, RunStatus statusBefore, TaskStates after, RunStatus statusAfter) {
        List<TaskWish> wishes = new ArrayList<>();
        for (int task = 0; task < after.size(); task++) {
            RunId run = after.run(task);
            RunId runBefore = before == null ? null : before.run(task);
            Aim aim = aim(task, after, statusAfter);
            Aim aimBefore = before == null ? Aim.NOTHING : aim(task, before, statusBefore);
            boolean sameRun = run != null && run.equals(runBefore);
            if (aim == aimBefore && (sameRun || run == null)) {
                continue;
            }
            String key = after.key(task);
            switch (aim) {
                case NOTHING -> {}
                case JUDGED -> wishes.add(new TaskWish(key, TaskStep.JUDGE, null));
                case GOING ->
                    wishes.add(new TaskWish(key, sameRun ? TaskStep.RESUME : TaskStep.MAKE, run, after.heard(task)));
                case STOPPED -> wishes.add(new TaskWish(key, TaskStep.STOP, run));
                case CANCELLED -> wishes.add(new TaskWish(key, TaskStep.CANCEL, run));
            }
        }
        if (statusAfter == RunStatus.FINISHING && statusBefore != RunStatus.FINISHING) {
            wishes.add(new TaskWish("", TaskStep.COMPLETE, null));
        }
        return wishes;
    }

    private static Aim aim(int task, TaskStates states, RunStatus run) {
        boolean underWay = run == RunStatus.QUEUED || run == RunStatus.RUNNING;
        if (!states.isLive(task)) {
            return underWay && states.isToBeJudged(task) ? Aim.JUDGED : Aim.NOTHING;
        }
        if (underWay) {
            return states.isFailing() && states.graph().failsFast() ? Aim.CANCELLED : Aim.GOING;
        }
        if (run == RunStatus.STOPPED) {
            return Aim.STOPPED;
        }
        return run.isEnd() ? Aim.CANCELLED : Aim.NOTHING;
    }
}
