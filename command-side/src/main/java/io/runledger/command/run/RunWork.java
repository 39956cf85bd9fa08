package io.runledger.command.run;

import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.OpenBatch;
import io.runledger.api.RunCommand.QueueRun;
import io.runledger.api.RunCommand.TakeInItems;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunBlocked;
import io.runledger.api.RunEvent.RunScheduled;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.Terms;
import io.runledger.command.store.WorkChange;
import io.runledger.command.store.WorkChange.Gone;
import io.runledger.command.store.WorkChange.Standing;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a run outside of its own events, so that workers find it and its times are kept: pure, like the
 * rules. A run that somebody drives without a lease, and one that has ended or is stopped, needs no watching.
 */
final class RunWork {

    private RunWork() {}

    /** What these events, decided on this state, change in the table of work; null when nothing. */
    static @Nullable WorkChange change(RunCommand command, List<RunEvent> events, RunState state) {
        if (command instanceof OpenBatch batch) {
            return standing(batch.create(), RunStatus.CREATED, events.getLast(), 0);
        }
        if (command instanceof TakeInItems more && !more.last() && !events.isEmpty()) {
            return change(more, RunStatus.CREATED, events.getLast(), state.version() + events.size(), state);
        }
        for (int i = events.size() - 1; i >= 0; i--) {
            RunStatus next = RunTransition.statusAfter(events.get(i));
            // A run that is finishing is still held by its worker.
            if (next != null && next != RunStatus.FINISHING) {
                long version = state.version() + 1 + i;
                return command instanceof CreateRun create
                        ? standing(create, next, events.get(i), version)
                        : change(command, next, events.get(i), version, state);
            }
        }
        return null;
    }

    /**
     * Whether a run in this status, into which this event brought it, has a row in the table of work. One that
     * is queued for its tasks to begin waits for no worker; only its times and its slot must be kept.
     */
    static boolean isWatched(RunStatus status, RunEvent event, Terms terms, boolean madeOfTasks) {
        return switch (status) {
            case CREATED, SCHEDULED, BLOCKED -> true;
            case QUEUED -> !madeOfTasks || terms.expiresAt() != null || terms.concurrency() != null;
            case RUNNING ->
                event instanceof RunStarted started
                        && (started.leaseSeconds() != null || terms.timeout() != null || terms.concurrency() != null);
            case VALIDATING, INVALID, STOPPED, FINISHING, SUCCEEDED, PARTIALLY_SUCCEEDED, FAILED, CANCELLED, SKIPPED ->
                false;
        };
    }

    private static @Nullable WorkChange change(
            RunCommand command, RunStatus next, RunEvent event, long version, RunState state) {
        if (!isWatched(next, event, state.terms(), state.tasks() != null)) {
            return state.isWatched() ? new Gone(command.runId(), state.terms().concurrency() != null) : null;
        }
        boolean started = event instanceof RunStarted || state.attempt() > 0;
        return new Standing(
                command.runId(),
                version,
                state.project(),
                shown(next, state.tasks() != null),
                state.queue(),
                state.target(),
                state.priority(),
                event instanceof RunStarted start ? start.worker() : null,
                event instanceof RunStarted start ? start.leaseSeconds() : null,
                event instanceof RunStarted ? state.terms().timeout() : null,
                event instanceof RunScheduled scheduled ? scheduled.runAt() : null,
                started ? null : expiresAt(next, command, state.terms()),
                awaited(event, state.terms()),
                state.terms().concurrency(),
                command instanceof QueueRun queue && next == RunStatus.QUEUED ? queue.slot() : null);
    }

    /** In the table of work, what is queued is there for workers to take. */
    private static RunStatus shown(RunStatus status, boolean madeOfTasks) {
        return madeOfTasks && status == RunStatus.QUEUED ? RunStatus.RUNNING : status;
    }

    private static @Nullable WorkChange standing(CreateRun create, RunStatus next, RunEvent event, long version) {
        Terms terms = create.terms() == null ? Terms.NONE : create.terms();
        if (!isWatched(next, event, terms, create.tasks() != null)) {
            return null;
        }
        return new Standing(
                create.runId(),
                version,
                create.context().project(),
                shown(next, create.tasks() != null),
                create.queue(),
                create.target().toString(),
                create.priority(),
                null,
                null,
                null,
                event instanceof RunScheduled scheduled ? scheduled.runAt() : null,
                expiresAt(next, create, terms),
                awaited(event, terms),
                terms.concurrency(),
                null);
    }

    private static @Nullable Instant expiresAt(RunStatus status, RunCommand command, Terms terms) {
        return status == RunStatus.CREATED ? command.context().at().plus(ItemRules.INTAKE_PATIENCE) : terms.expiresAt();
    }

    private static List<RunId> awaited(RunEvent event, Terms terms) {
        return event instanceof RunBlocked blocked && blocked.blockedOn().startsWith(RunState.A_RUN)
                ? terms.awaited()
                : List.of();
    }
}
