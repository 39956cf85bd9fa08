package io.runledger.query.projection;

import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.TaskPlan;
import org.jspecify.annotations.Nullable;

/** How much memory an event takes, roughly: what bounds a slice of events besides their number. */
final class EventWeight {

    private static final long BASE = 500;

    private EventWeight() {}

    static long of(ReadEvent read) {
        return read.event() == null ? BASE : BASE + of(read.event().event());
    }

    private static long of(RunEvent event) {
        return switch (event) {
            case RunCreated created ->
                of(created.input()) + of(created.config()) + of(created.metadata()) + of(created.tasks());
            case RunTasksQueued queued -> queued.tasks().size() * BASE;
            case RunTasksSkipped skipped -> skipped.tasks().size() * BASE;
            case RunTaskEnded ended -> of(ended.error());
            case RunItemsAdded added ->
                added.inputs().stream().mapToLong(EventWeight::of).sum();
            case RunItemsRecorded recorded ->
                recorded.results().stream().mapToLong(EventWeight::of).sum();
            case RunCheckpointed saved -> of(saved.checkpoint());
            case RunNoted noted -> of(noted.payload());
            case RunSucceeded done -> of(done.output());
            case RunPartiallySucceeded done -> of(done.output());
            case RunAttemptFailed failed -> of(failed.error());
            case RunFailed failed -> of(failed.error());
            case RunResumed resumed -> of(resumed.input());
            case RunInvalidated invalidated -> invalidated.errors().size() * BASE;
            case RunValidating _,
                    RunScheduled _,
                    RunBlocked _,
                    RunQueued _,
                    RunStarted _,
                    RunTaskStarted _,
                    RunProgressed _,
                    RunArtifactAdded _,
                    RunFinishing _,
                    RunStopped _,
                    RunCancelled _,
                    RunSkipped _ -> 0;
        };
    }

    private static long of(@Nullable TaskPlan plan) {
        return plan == null
                ? 0
                : plan.tasks().stream()
                        .mapToLong(task -> BASE + of(task.input()) + of(task.config()) + of(task.metadata()))
                        .sum();
    }

    private static long of(ItemResult result) {
        return BASE + of(result.output()) + of(result.error());
    }

    private static long of(@Nullable RunError error) {
        return error == null ? 0 : error.message().length() + of(error.details());
    }

    private static long of(@Nullable Json value) {
        return value == null ? 0 : value.text().length();
    }
}
