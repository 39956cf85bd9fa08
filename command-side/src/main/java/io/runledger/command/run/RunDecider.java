package io.runledger.command.run;

import static io.runledger.api.RunStatus.BLOCKED;
import static io.runledger.api.RunStatus.CANCELLED;
import static io.runledger.api.RunStatus.CREATED;
import static io.runledger.api.RunStatus.FINISHING;
import static io.runledger.api.RunStatus.QUEUED;
import static io.runledger.api.RunStatus.SCHEDULED;
import static io.runledger.api.RunStatus.STOPPED;

import io.runledger.api.Backoff;
import io.runledger.api.CommandContext;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a run: pure functions of (command, state), with no clock, no I/O and no framework. All events of a
 * command are decided before one is applied, so a refusal leaves no half-changed state.
 */
final class RunDecider {

    private static final RunError LEASE_EXPIRED =
            new RunError("lease_expired", "The lease ran out: its holder was not heard of in time.", null, null);
    private static final RunError TIMED_OUT =
            new RunError("timed_out", "The attempt took longer than the run's timeout.", null, null);
    private static final RunError EXPIRED =
            new RunError("expired", "The run was not started within its ttl.", false, null);

    private RunDecider() {}

    /**
     * What happens when this command meets this state: the events, none when the command repeats what already happened.
     *
     * @throws RunRefused when it may not be
     */
    static List<RunEvent> decide(RunCommand command, RunState state) {
        if (rowOf(command) == RunTransition.CREATE) {
            return TaskWork.follow(command, events(command, state), state);
        }
        if (!state.belongsTo(command.context().project())) {
            throw Problem.noSuchRun(command.runId().toString());
        }
        if (repeats(command, state)) {
            return List.of();
        }
        Long ifVersion = command.context().ifVersion();
        if (ifVersion != null && ifVersion != state.version()) {
            throw RunRefused.versionMismatch(state);
        }
        require(rowOf(command), state);
        requireAttempt(command, state);
        TaskDecider.requireNotLeftToTasks(rowOf(command), state);
        return TaskWork.follow(command, events(command, state), state);
    }

    private static List<RunEvent> events(RunCommand command, RunState state) {
        return switch (command) {
            case CreateRun create -> create(create, state);
            case OpenBatch batch -> List.of(created(batch.create(), state));
            case TakeInItems more -> takeIn(more, state);
            case RecordItems recorded -> ItemRules.record(recorded, state);
            case WithholdRun withhold -> TaskDecider.withhold(withhold, created(withhold.create(), state));
            case RecordTasks told -> TaskDecider.record(told, state);
            case CompleteTasks done -> TaskDecider.complete(done, state);
            case StartRun start -> List.of(new RunStarted(state.attempt() + 1, start.worker(), start.leaseSeconds()));
            case ProgressRun progress -> progress(progress);
            case CheckpointRun checkpoint -> List.of(new RunCheckpointed(checkpoint.checkpoint()));
            case NoteRun note -> List.of(new RunNoted(note.type(), note.payload()));
            case AddArtifact add -> List.of(new RunArtifactAdded(add.artifact()));
            case FinishRun finish -> List.of(new RunFinishing(finish.reason()));
            case CompleteRun complete -> complete(complete, state);
            case FailRun fail -> failAttempt(fail, fail.error(), fail.exitCode(), state);
            case StopRun stop -> List.of(new RunStopped(state.status(), stop.reason()));
            case ResumeRun resume -> resume(resume, state);
            case CancelRun cancel -> List.of(new RunCancelled(cancel.reason()));
            case QueueRun queue -> List.of(letGoOn(queue, state));
            case SkipRun skip -> List.of(new RunSkipped(skip.reason()));
            case ExpireLease expire -> failAttempt(expire, LEASE_EXPIRED, null, state);
            case TimeOutRun late -> failAttempt(late, TIMED_OUT, null, state);
            case ExpireRun _ ->
                List.of(state.status() == CREATED ? ItemRules.leftUnfinished() : new RunFailed(EXPIRED, null));
        };
    }

    /** The row of the table that a command is judged by. */
    static RunTransition rowOf(RunCommand command) {
        return switch (command) {
            case CreateRun _, OpenBatch _, WithholdRun _ -> RunTransition.CREATE;
            case RecordTasks _ -> RunTransition.RECORD_TASKS;
            case CompleteTasks _ -> RunTransition.COMPLETE_TASKS;
            case TakeInItems _ -> RunTransition.TAKE_IN_ITEMS;
            case RecordItems _ -> RunTransition.RECORD_ITEMS;
            case StartRun _ -> RunTransition.START;
            case ProgressRun _ -> RunTransition.PROGRESS;
            case CheckpointRun _ -> RunTransition.CHECKPOINT;
            case NoteRun _ -> RunTransition.NOTE;
            case AddArtifact _ -> RunTransition.ADD_ARTIFACT;
            case FinishRun _ -> RunTransition.FINISH;
            case CompleteRun _ -> RunTransition.COMPLETE;
            case FailRun _ -> RunTransition.FAIL;
            case StopRun _ -> RunTransition.STOP;
            case ResumeRun _ -> RunTransition.RESUME;
            case CancelRun _ -> RunTransition.CANCEL;
            case QueueRun _ -> RunTransition.QUEUE;
            case SkipRun _ -> RunTransition.SKIP;
            case ExpireLease _ -> RunTransition.EXPIRE_LEASE;
            case TimeOutRun _ -> RunTransition.TIME_OUT;
            case ExpireRun _ -> RunTransition.EXPIRE;
        };
    }

    /** Whether the command asks for what has already happened, so that it is answered like the first time. */
    private static boolean repeats(RunCommand command, RunState state) {
        return switch (command) {
            case FinishRun finish -> state.status() == FINISHING && holdsLease(finish, state);
            case CompleteRun done ->
                state.endedWith(RunState.Ending.success(done.lease(), done.output(), done.exitCode()));
            case FailRun failed ->
                state.endedWith(RunState.Ending.failure(failed.lease(), failed.error(), failed.exitCode()));
            case StopRun _ -> state.status() == STOPPED;
            case CancelRun _ -> state.status() == CANCELLED;
            case ResumeRun resume ->
                state.isResumedWith(resume.input())
                        && (state.status() == QUEUED || state.status() == SCHEDULED || state.status() == BLOCKED);
            case TakeInItems more ->
                more.first() + more.inputs().size() <= state.batch().total();
            case RecordItems recorded ->
                recorded.leased() != null && state.batch().newOf(recorded).isEmpty();
            case CreateRun _,
                    OpenBatch _,
                    StartRun _,
                    ProgressRun _,
                    CheckpointRun _,
                    NoteRun _,
                    AddArtifact _,
                    LedgerCommand _ -> false;
        };
    }

    private static List<RunEvent> create(CreateRun command, RunState state) {
        RunCreated created = created(command, state);
        Terms terms = command.terms() == null ? Terms.NONE : command.terms();
        RunEvent next = enter(command.context(), command.runAt(), terms);
        // A plan was looked through as a whole before the run was accepted.
        return command.tasks() == null ? List.of(created, next) : List.of(created, new RunValidating(), next);
    }

    private static RunCreated created(CreateRun command, RunState state) {
        if (state.exists()) {
            throw RunRefused.alreadyExists(state);
        }
        return new RunCreated(
                command.runId(),
                command.context().project(),
                command.target(),
                command.mode(),
                command.key(),
                command.name(),
                command.input(),
                command.config(),
                command.labels(),
                command.metadata(),
                command.stage(),
                command.queue(),
                command.priority(),
                command.maxAttempts(),
                command.backoff(),
                command.terms(),
                command.rerunOf(),
                command.tasks(),
                command.parent());
    }

    private static RunEvent enter(CommandContext context, @Nullable Instant runAt, Terms terms) {
        return runAt != null && runAt.isAfter(context.at())
                ? new RunScheduled(runAt)
                : enter(terms, !terms.awaited().isEmpty());
    }

    /** Where a run goes when nothing holds it any more but what its terms say: other runs first, then a slot. */
    private static RunEvent enter(Terms terms, boolean awaitsRuns) {
        if (awaitsRuns) {
            return new RunBlocked(RunState.A_RUN + terms.awaited().getFirst());
        }
        return terms.concurrency() == null
                ? new RunQueued()
                : new RunBlocked(RunState.A_SLOT + terms.concurrency().key());
    }

    private static RunEvent enter(RunState state) {
        // The runs that a run waits for are waited for once, before its first attempt.
        return enter(
                state.terms(), state.attempt() == 0 && !state.terms().awaited().isEmpty());
    }

    private static List<RunEvent> takeIn(TakeInItems command, RunState state) {
        List<RunEvent> events = ItemRules.takeIn(command, state);
        if (command.last()) {
            events.add(enter(command.context(), command.runAt(), state.terms()));
        }
        return events;
    }

    private static List<RunEvent> resume(ResumeRun command, RunState state) {
        if (!state.batch().isTakenIn()) {
            throw RunRefused.inputsMissing(state);
        }
        return List.of(new RunResumed(command.reason(), command.input()), enter(state));
    }

    private static RunEvent letGoOn(QueueRun command, RunState state) {
        if (state.status() == SCHEDULED) {
            return enter(state);
        }
        if (state.awaitsRuns()) {
            return enter(state.terms(), false);
        }
        if (state.status() != BLOCKED || command.slot() == null) {
            throw RunRefused.invalidTransition(RunTransition.QUEUE, state);
        }
        return new RunQueued();
    }

    private static List<RunEvent> progress(ProgressRun command) {
        List<RunEvent> events = new ArrayList<>(2);
        events.add(new RunProgressed(command.percent(), command.message()));
        if (command.checkpoint() != null) {
            events.add(new RunCheckpointed(command.checkpoint()));
        }
        return events;
    }

    private static List<RunEvent> complete(CompleteRun command, RunState state) {
        if (state.batch().left() > 0) {
            throw RunRefused.itemsLeft(state);
        }
        List<RunEvent> events = new ArrayList<>(command.artifacts().size() + 1);
        command.artifacts().forEach(artifact -> events.add(new RunArtifactAdded(artifact)));
        events.add(
                state.hasPartialSuccess()
                        ? new RunPartiallySucceeded(command.output(), command.exitCode())
                        : new RunSucceeded(command.output(), command.exitCode()));
        return events;
    }

    private static List<RunEvent> failAttempt(
            RunCommand command, RunError error, @Nullable Integer exitCode, RunState state) {
        if (!state.hasAttemptsLeft() || !error.mayBeRetried() || state.tasks() != null) {
            return List.of(new RunFailed(error, exitCode));
        }
        Backoff backoff = state.backoff();
        RunEvent next = backoff == null
                ? new RunQueued()
                : new RunScheduled(command.context().at().plus(backoff.afterAttempt(state.attempt(), command.runId())));
        return List.of(new RunAttemptFailed(state.attempt(), error, exitCode), next);
    }

    private static void require(RunTransition row, RunState state) {
        if (!row.from().contains(state.status())) {
            throw RunRefused.invalidTransition(row, state);
        }
    }

    /** What concerns one attempt must be about the attempt under way. */
    private static void requireAttempt(RunCommand command, RunState state) {
        boolean meant = switch (command) {
            case Report report -> holdsLease(report, state);
            case ExpireLease expire -> Objects.equals(expire.lease(), state.lease());
            case TimeOutRun late -> late.startedBy() == state.startedBy();
            default -> true;
        };
        if (!meant) {
            throw RunRefused.leaseLost(state);
        }
    }

    private static boolean holdsLease(Report command, RunState state) {
        return Objects.equals(command.lease(), state.lease());
    }
}
