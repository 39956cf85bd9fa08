package io.runledger.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A wish concerning one run. {@code lease} is the fencing token of the attempt that reports, if it was leased. */
public sealed interface RunCommand {

    RunId runId();

    CommandContext context();

    /** A command of the attempt under way, which must hold the run's lease if there is one. */
    sealed interface Report extends RunCommand {
        @Nullable
        Long lease();
    }

    /**
     * A command that no caller can give under its name: what the ledger does by itself when a time has come or a wait is
     * over, and what it makes of requests that concern a batch's items.
     */
    sealed interface LedgerCommand extends RunCommand {}

    record CreateRun(
            RunId runId,
            CommandContext context,
            Target target,
            RunMode mode,
            @Nullable String key,
            @Nullable String name,
            @Nullable Json input,
            @Nullable Json config,
            @Nullable Map<String, String> labels,
            @Nullable Json metadata,
            @Nullable String stage,
            String queue,
            int priority,
            int maxAttempts,
            @Nullable Backoff backoff,
            @Nullable Instant runAt,
            @Nullable Terms terms,
            @Nullable RunId rerunOf,
            @Nullable TaskPlan tasks,
            @Nullable Parent parent)
            implements RunCommand {}

    /** Creates the run of a batch, whose inputs follow in any number of {@link TakeInItems}. */
    record OpenBatch(CreateRun create) implements RunCommand {

        @Override
        public RunId runId() {
            return create.runId();
        }

        @Override
        public CommandContext context() {
            return create.context();
        }
    }

    /**
     * Creates the run of a task that its parent does not want any more, or not now, before anybody can claim it.
     *
     * @param status cancelled or stopped
     */
    record WithholdRun(CreateRun create, RunStatus status, String reason) implements LedgerCommand {

        @Override
        public RunId runId() {
            return create.runId();
        }

        @Override
        public CommandContext context() {
            return create.context();
        }
    }

    record StartRun(
            RunId runId,
            CommandContext context,
            @Nullable String worker,
            @Nullable Integer leaseSeconds) implements RunCommand {}

    record ProgressRun(
            RunId runId,
            CommandContext context,
            @Nullable Long lease,
            @Nullable Double percent,
            @Nullable String message,
            @Nullable Json checkpoint)
            implements Report {}

    record CheckpointRun(
            RunId runId, CommandContext context, @Nullable Long lease, Json checkpoint) implements Report {}

    record NoteRun(
            RunId runId,
            CommandContext context,
            String type,
            @Nullable Json payload) implements RunCommand {}

    record AddArtifact(
            RunId runId, CommandContext context, @Nullable Long lease, Artifact artifact) implements Report {}

    record FinishRun(
            RunId runId,
            CommandContext context,
            @Nullable Long lease,
            @Nullable String reason) implements Report {}

    record CompleteRun(
            RunId runId,
            CommandContext context,
            @Nullable Long lease,
            @Nullable Json output,
            @Nullable Integer exitCode,
            List<Artifact> artifacts)
            implements Report {}

    record FailRun(
            RunId runId,
            CommandContext context,
            @Nullable Long lease,
            RunError error,
            @Nullable Integer exitCode) implements Report {}

    record StopRun(
            RunId runId, CommandContext context, @Nullable String reason) implements RunCommand {}

    record ResumeRun(
            RunId runId,
            CommandContext context,
            @Nullable String reason,
            @Nullable Json input) implements RunCommand {}

    record CancelRun(
            RunId runId, CommandContext context, @Nullable String reason) implements RunCommand {}

    /**
     * What the run waited for has come: its time, its runs, or, when {@code slot} is given, a slot of its concurrency.
     */
    record QueueRun(
            RunId runId, CommandContext context, @Nullable Integer slot) implements LedgerCommand {}

    /** The run waits for runs of which one did not succeed. */
    record SkipRun(RunId runId, CommandContext context, String reason) implements LedgerCommand {}

    /** The lease with this fencing number has run out. */
    record ExpireLease(RunId runId, CommandContext context, long lease) implements LedgerCommand {}

    /** The attempt that began with the run's event of this number has taken longer than it may. */
    record TimeOutRun(RunId runId, CommandContext context, long startedBy) implements LedgerCommand {}

    /** The run was not started in time. */
    record ExpireRun(RunId runId, CommandContext context) implements LedgerCommand {}

    /**
     * More inputs of a batch, the first of which has the index {@code first}; the last of them let the run go on, at
     * {@code runAt} if that is to come.
     */
    record TakeInItems(
            RunId runId,
            CommandContext context,
            int first,
            List<Json> inputs,
            boolean last,
            @Nullable Instant runAt) implements LedgerCommand {}

    /**
     * How items of a batch ended.
     *
     * @param leased the items that the reporter holds and that have no result yet; null when its lease is over
     */
    record RecordItems(
            RunId runId, CommandContext context, @Nullable Set<Integer> leased, List<ItemResult> results)
            implements LedgerCommand {}

    /** What became of tasks of this run; what is known already is no news. */
    record RecordTasks(RunId runId, CommandContext context, List<TaskReport> reports) implements LedgerCommand {}

    /** The results of all tasks are put together. */
    record CompleteTasks(RunId runId, CommandContext context, Json output) implements LedgerCommand {}
}
