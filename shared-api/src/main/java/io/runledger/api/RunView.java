package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run as the API shows it.
 *
 * @param statusReason why it is stopped, cancelled, blocked or skipped, if someone said so
 * @param timeout how long one attempt may take
 * @param expiresAt when it fails unless it was started before
 * @param dependsOn the runs that must have succeeded before it is queued
 * @param durationMs from {@code startedAt} to {@code finishedAt}, in milliseconds; null until the end
 * @param version the sequence number of its last event; its ETag
 * @param position where that event stands in the whole ledger
 */
public record RunView(
        RunId id,
        @Nullable String key,
        String project,
        @Nullable String name,
        Target target,
        String kind,
        RunMode mode,
        @Nullable String stage,
        RunStatus status,
        @Nullable String statusReason,
        Map<String, String> labels,
        @Nullable Json metadata,
        @Nullable Json input,
        @Nullable Items items,
        @Nullable Json config,
        @Nullable Json output,
        @Nullable RunError error,
        @Nullable Integer exitCode,
        List<Artifact> artifacts,
        @Nullable Progress progress,
        @Nullable Json checkpoint,
        int attempt,
        int maxAttempts,
        @Nullable Backoff backoff,
        @Nullable Duration timeout,
        @Nullable Instant expiresAt,
        @Nullable Concurrency concurrency,
        List<RunId> dependsOn,
        int priority,
        String queue,
        @Nullable String worker,
        @Nullable Instant leaseExpiresAt,
        @Nullable String blockedOn,
        @Nullable RunId parentId,
        @Nullable RunId rootId,
        @Nullable RunId rerunOf,
        @Nullable String scheduleId,
        List<Task> tasks,
        String createdBy,
        Instant createdAt,
        @Nullable Instant runAt,
        @Nullable Instant queuedAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        Instant updatedAt,
        @Nullable Long durationMs,
        long version,
        Map<String, String> links,
        @JsonIgnore long position) {

    /** How many items of a batch stand where. */
    public record Items(long total, long pending, long running, long succeeded, long failed, long invalid) {}

    /** How far the attempt says it is; {@code percent} from 0 to 100. */
    public record Progress(
            @Nullable Double percent, @Nullable String message) {}

    /**
     * A task of a run, in short: created until its turn comes, queued until its run is started.
     *
     * @param id of the run that does it; null before its turn
     * @param reason why it is skipped, where that is not because the run ended before it
     */
    public record Task(
            @Nullable RunId id,
            String key,
            RunStatus status,
            @Nullable SkipReason reason) {}
}
