package io.runledger.query.run;

import io.runledger.api.Artifact;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run as its view keeps it, one field per column of {@code view.run}; changed by {@link RunFold} only, and in place.
 * The large values (JSON, artifacts) are null when they were not read or not changed: a row that is written keeps what
 * the table has in their place. {@link Json#NULL} empties them.
 */
final class RunRow {

    /** The version of a run without events. */
    static final long NEW = -1;

    final RunId id;
    String project = "";

    @Nullable
    String key;

    @Nullable
    String name;

    String kind = "";
    String target = "";
    RunMode mode = RunMode.ASYNC;

    @Nullable
    String stage;

    RunStatus status = RunStatus.CREATED;

    @Nullable
    String statusReason;

    Map<String, String> labels = new TreeMap<>();

    @Nullable
    Json metadata;

    @Nullable
    Json input;

    @Nullable
    Json config;

    @Nullable
    Json output;

    @Nullable
    Json checkpoint;

    @Nullable
    Json errorDetails;

    @Nullable
    Map<String, Artifact> artifacts;

    /** By key, in the order of the plan; null also when the run is not made of tasks. */
    @Nullable
    Map<String, RunView.Task> tasks;

    @Nullable
    Long itemsTotal;

    @Nullable
    Long itemsRunning;

    @Nullable
    Long itemsSucceeded;

    @Nullable
    Long itemsFailed;

    @Nullable
    Long itemsInvalid;

    @Nullable
    String errorCode;

    @Nullable
    String errorMessage;

    @Nullable
    Boolean errorRetryable;

    @Nullable
    Integer exitCode;

    @Nullable
    Double progressPercent;

    @Nullable
    String progressMessage;

    int attempt;
    int maxAttempts = 1;

    @Nullable
    RunTerms terms;

    int priority;
    String queue = "";

    @Nullable
    String worker;

    @Nullable
    Instant leaseExpiresAt;

    @Nullable
    String blockedOn;

    @Nullable
    RunId parentId;

    @Nullable
    RunId rootId;

    @Nullable
    RunId rerunOf;

    @Nullable
    String scheduleId;

    String createdBy = "";
    Instant createdAt = Instant.EPOCH;

    @Nullable
    Instant runAt;

    @Nullable
    Instant queuedAt;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    Instant updatedAt = Instant.EPOCH;

    @Nullable
    Long durationMs;

    long version = NEW;
    long position;

    /** Where the run's first event stands in the whole ledger. */
    long firstPosition;

    RunRow(RunId id) {
        this.id = id;
    }
}
