package io.runledger.query.run;

import io.runledger.api.Artifact;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.query.projection.RecordedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the events of a run come to. Folds in place, never judges, and knows no database: the view, a single answer and
 * a test that folds the feed all come from here.
 */
final class RunFold {

    /** The latest time that is printed in the usual form, which the database reads. */
    private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");

    private RunFold() {}

    /**
     * Adds one event. An event that is already in the row changes nothing, so that it may come twice.
     *
     * @throws IllegalStateException when an event before this one is missing: a view that skips one is wrong for ever
     */
    static void apply(RunRow row, RecordedEvent recorded) {
        if (recorded.sequence() <= row.version) {
            return;
        }
        if (recorded.sequence() != row.version + 1) {
            throw new IllegalStateException("run " + row.id + " is at version " + row.version
                    + ", the next event that came is " + recorded.sequence());
        }
        apply(row, recorded.event(), recorded);
        row.version = recorded.sequence();
        row.position = recorded.position();
        row.updatedAt = recorded.recordedAt();
    }

    private static void apply(RunRow row, RunEvent event, RecordedEvent recorded) {
        Instant at = recorded.occurredAt();
        switch (event) {
            case RunCreated created -> create(row, created, recorded);
            case RunItemsAdded added -> RunItems.add(row, added);
            case RunItemsRecorded results -> RunItems.record(row, results);
            case RunValidating _ -> become(row, RunStatus.VALIDATING, null);
            case RunInvalidated invalid -> fail(row, RunStatus.INVALID, RunErrors.invalid(invalid.errors()), null, at);
            case RunScheduled scheduled -> schedule(row, scheduled.runAt());
            case RunBlocked blocked -> block(row, blocked.blockedOn());
            case RunQueued _ -> queue(row, at);
            case RunStarted started -> start(row, started, recorded);
            case RunProgressed progress -> progress(row, progress);
            case RunCheckpointed saved -> row.checkpoint = saved.checkpoint();
            case RunNoted _ -> {}
            case RunArtifactAdded added -> addArtifact(row, added.artifact());
            case RunFinishing finishing -> become(row, RunStatus.FINISHING, finishing.reason());
            case RunSucceeded done -> succeed(row, RunStatus.SUCCEEDED, done.output(), done.exitCode(), at);
            case RunPartiallySucceeded done ->
                succeed(row, RunStatus.PARTIALLY_SUCCEEDED, done.output(), done.exitCode(), at);
            case RunAttemptFailed failed -> error(row, failed.error(), failed.exitCode());
            case RunFailed failed -> fail(row, RunStatus.FAILED, failed.error(), failed.exitCode(), at);
            case RunTasksQueued queued -> RunTasks.queue(row, queued);
            case RunTaskStarted started -> RunTasks.start(row, started);
            case RunTaskEnded ended -> RunTasks.end(row, ended);
            case RunTasksSkipped skipped -> RunTasks.skip(row, skipped);
            case RunStopped stopped -> stop(row, stopped);
            case RunResumed resumed -> resume(row, resumed);
            case RunCancelled cancelled -> end(row, RunStatus.CANCELLED, cancelled.reason(), at);
            case RunSkipped skipped -> end(row, RunStatus.SKIPPED, skipped.reason(), at);
        }
    }

    private static void create(RunRow row, RunCreated created, RecordedEvent recorded) {
        row.project = created.project();
        row.key = PlainText.orNull(created.key());
        row.name = PlainText.orNull(created.name());
        row.kind = created.target().kind();
        row.target = created.target().toString();
        row.mode = created.mode();
        row.stage = PlainText.orNull(created.stage());
        Map<String, String> labels = created.labels();
        if (labels != null) {
            labels.forEach((label, value) -> row.labels.put(PlainText.of(label), PlainText.of(value)));
        }
        row.metadata = created.metadata();
        row.input = created.input();
        row.config = created.config();
        row.artifacts = new LinkedHashMap<>();
        row.maxAttempts = created.maxAttempts();
        row.rerunOf = created.rerunOf();
        row.terms = RunTerms.of(created.backoff(), created.terms());
        row.priority = created.priority();
        row.queue = PlainText.of(created.queue());
        row.createdBy = recorded.actor();
        row.createdAt = recorded.recordedAt();
        row.firstPosition = recorded.position();
        RunTasks.plan(row, created.tasks());
        if (created.parent() != null) {
            row.parentId = created.parent().runId();
            row.rootId = created.parent().rootId();
        }
    }

    /** Every change of status goes through here: what belongs to the old status ends with it. */
    private static void become(RunRow row, RunStatus status, @Nullable String reason) {
        row.status = status;
        row.statusReason = PlainText.orNull(reason);
        row.blockedOn = null;
        if (status != RunStatus.RUNNING && status != RunStatus.FINISHING) {
            row.leaseExpiresAt = null;
        }
    }

    private static void schedule(RunRow row, Instant runAt) {
        become(row, RunStatus.SCHEDULED, null);
        row.runAt = runAt.isAfter(END_OF_TIME) ? END_OF_TIME : runAt;
    }

    private static void block(RunRow row, String blockedOn) {
        become(row, RunStatus.BLOCKED, null);
        row.blockedOn = PlainText.of(blockedOn);
    }

    private static void queue(RunRow row, Instant at) {
        become(row, RunStatus.QUEUED, null);
        row.queuedAt = at;
    }

    private static void progress(RunRow row, RunProgressed progress) {
        row.progressPercent = progress.percent() == null ? row.progressPercent : progress.percent();
        row.progressMessage = progress.message() == null ? row.progressMessage : PlainText.of(progress.message());
    }

    private static void fail(RunRow row, RunStatus status, RunError error, @Nullable Integer exitCode, Instant at) {
        error(row, error, exitCode);
        end(row, status, null, at);
    }

    private static void start(RunRow row, RunStarted started, RecordedEvent recorded) {
        become(row, RunStatus.RUNNING, null);
        clearError(row);
        row.attempt = started.attempt();
        row.worker = PlainText.orNull(started.worker());
        row.startedAt = recorded.occurredAt();
        // A lease counts from when the ledger gave it, whenever the start is said to have happened (ADR 13).
        row.leaseExpiresAt =
                started.leaseSeconds() == null ? null : recorded.recordedAt().plusSeconds(started.leaseSeconds());
    }

    private static void stop(RunRow row, RunStopped stopped) {
        become(row, RunStatus.STOPPED, stopped.reason());
        RunTasks.stop(row);
    }

    private static void succeed(
            RunRow row, RunStatus status, @Nullable Json output, @Nullable Integer exitCode, Instant at) {
        row.output = output == null ? row.output : output;
        row.exitCode = exitCode;
        end(row, status, null, at);
    }

    private static void end(RunRow row, RunStatus status, @Nullable String reason, Instant at) {
        become(row, status, reason);
        RunTasks.end(row);
        row.finishedAt = at;
        row.durationMs = row.startedAt == null
                ? null
                : (Long) Math.max(0, Duration.between(row.startedAt, at).toMillis());
    }

    private static void resume(RunRow row, RunResumed resumed) {
        clearError(row);
        row.finishedAt = null;
        row.durationMs = null;
        row.output = Json.NULL;
        row.input = resumed.input() == null ? row.input : resumed.input();
        RunItems.retryFailed(row);
        RunTasks.resume(row);
    }

    private static void error(RunRow row, RunError error, @Nullable Integer exitCode) {
        row.errorCode = PlainText.of(error.code());
        row.errorMessage = PlainText.of(error.message());
        row.errorRetryable = error.retryable();
        row.errorDetails = error.details() == null ? Json.NULL : error.details();
        row.exitCode = exitCode;
    }

    private static void clearError(RunRow row) {
        if (row.errorCode != null) {
            row.errorDetails = Json.NULL;
        }
        row.errorCode = null;
        row.errorMessage = null;
        row.errorRetryable = null;
        row.exitCode = null;
    }

    private static void addArtifact(RunRow row, Artifact artifact) {
        if (row.artifacts == null) {
            throw new IllegalStateException("the artifacts of run " + row.id + " were not read");
        }
        row.artifacts.put(artifact.name(), artifact);
    }
}
