package io.runledger.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A thing that happened to a run. Stored events are never changed: a new field must be optional, anything else is a new
 * version with an upcaster.
 */
public sealed interface RunEvent {

    /** The stored names of the events that end a run; nothing happens to it by itself afterwards, it may be resumed. */
    Set<String> ENDS = Set.of(
            "run.invalidated",
            "run.succeeded",
            "run.partially_succeeded",
            "run.failed",
            "run.cancelled",
            "run.skipped");

    /** The run was accepted. */
    record RunCreated(
            RunId runId,
            String project,
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
            @Nullable Terms terms,
            @Nullable RunId rerunOf,
            @Nullable TaskPlan tasks,
            @Nullable Parent parent)
            implements RunEvent {}

    /** More inputs of a batch were taken in; {@code first} is the index of the first of them. */
    record RunItemsAdded(int first, List<Json> inputs) implements RunEvent {}

    /** The inputs are being checked against the definition's schema. */
    record RunValidating() implements RunEvent {}

    /** The inputs or the configuration are wrong; the run has ended. */
    record RunInvalidated(List<FieldError> errors) implements RunEvent {}

    /** The run will be queued at {@code runAt}. */
    record RunScheduled(Instant runAt) implements RunEvent {}

    /** The run waits for what {@code blockedOn} names. */
    record RunBlocked(String blockedOn) implements RunEvent {}

    /** The run is ready for a worker. */
    record RunQueued() implements RunEvent {}

    /**
     * An attempt began. With {@code leaseSeconds} it is leased: the sequence number of this event is the fencing token,
     * and only who holds it may report.
     */
    record RunStarted(
            int attempt, @Nullable String worker, @Nullable Integer leaseSeconds) implements RunEvent {}

    /** The attempt told how far it is. */
    record RunProgressed(@Nullable Double percent, @Nullable String message) implements RunEvent {}

    /** The attempt saved what it needs in order to go on later. */
    record RunCheckpointed(Json checkpoint) implements RunEvent {}

    /** Something was written into the run's own stream; {@code type} is the writer's own name for it. */
    record RunNoted(String type, @Nullable Json payload) implements RunEvent {}

    /** The run produced something that is kept elsewhere. */
    record RunArtifactAdded(Artifact artifact) implements RunEvent {}

    /** Some items of a batch ended. */
    record RunItemsRecorded(List<ItemResult> results) implements RunEvent {}

    /** The turn of these tasks has come: each is this run, which is about to be made, or resumed if it was made before. */
    record RunTasksQueued(List<QueuedTask> tasks) implements RunEvent {}

    /** A task, and the run that does it. */
    record QueuedTask(String task, RunId runId) {}

    /** The run of a task was started for the first time since its turn came. */
    record RunTaskStarted(String task, RunId runId) implements RunEvent {}

    /**
     * A task has ended, with the event of this number of its run. Without a run it never began: it could not be made, for the
     * reason that {@code error} gives.
     */
    record RunTaskEnded(
            String task,
            @Nullable RunId runId,
            RunStatus status,
            @Nullable RunError error,
            @Nullable Long runVersion) implements RunEvent {}

    /** These tasks will not be done. */
    record RunTasksSkipped(List<SkippedTask> tasks) implements RunEvent {}

    /** A task, and why it will not be done. */
    record SkippedTask(String task, SkipReason reason) {}

    /** The work is done, the results are being put together. */
    record RunFinishing(@Nullable String reason) implements RunEvent {}

    /** The run is done. */
    record RunSucceeded(@Nullable Json output, @Nullable Integer exitCode) implements RunEvent {}

    /** The run is done; some of its items or optional tasks failed. */
    record RunPartiallySucceeded(
            @Nullable Json output, @Nullable Integer exitCode) implements RunEvent {}

    /** One attempt failed and another one will be made. */
    record RunAttemptFailed(
            int attempt, RunError error, @Nullable Integer exitCode) implements RunEvent {}

    /** The run is over and failed. */
    record RunFailed(RunError error, @Nullable Integer exitCode) implements RunEvent {}

    /** The run was paused; it keeps its checkpoint. */
    record RunStopped(RunStatus from, @Nullable String reason) implements RunEvent {}

    /** The run shall go on; a following event says where. A given {@code input} replaces the old one. */
    record RunResumed(@Nullable String reason, @Nullable Json input) implements RunEvent {}

    /** The run was ended by request. */
    record RunCancelled(@Nullable String reason) implements RunEvent {}

    /** The run was never started because its condition was false or its parent did not succeed. */
    record RunSkipped(@Nullable String reason) implements RunEvent {}
}
