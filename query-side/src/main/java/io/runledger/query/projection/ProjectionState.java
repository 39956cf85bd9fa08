package io.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.runledger.api.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a view stands.
 *
 * @param position of the last event that it shows
 * @param lagEvents how many events it does not show yet
 * @param lagMs how long the first of these has waited
 * @param previousGeneration what a rollback would go back to
 * @param deadLetters how many runs are parked
 * @param differences how many runs differ from the ledger, as far as the auditor has looked
 * @param rebuild the one under way
 * @param lastRebuild how the last one ended
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProjectionState(
        String name,
        long position,
        @JsonProperty("lag_events") long lagEvents,
        @JsonProperty("lag_ms") long lagMs,
        Status status,
        int generation,
        @JsonProperty("schema_version") int schemaVersion,
        @JsonProperty("previous_generation") @Nullable Integer previousGeneration,
        @JsonProperty("dead_letters") long deadLetters,
        long differences,
        @Nullable Progress rebuild,
        @JsonProperty("last_rebuild") @Nullable Ended lastRebuild) {

    /** What to make of it, the worst first. */
    public enum Status {
        DEGRADED,
        REBUILDING,
        LIVE;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How far a rebuild is.
     *
     * @param target the position of the ledger's last event
     * @param failure what made the last attempt pause; it is tried again
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            int generation,
            boolean rollback,
            long position,
            long target,
            @JsonProperty("events_per_second") long eventsPerSecond,
            @JsonProperty("seconds_left") @Nullable Long secondsLeft,
            @JsonProperty("started_at") Instant startedAt,
            @Nullable String failure) {}

    /**
     * How a rebuild ended.
     *
     * @param compared how many comparisons of a run in the two generations were made
     * @param differing how many runs differed
     * @param differingRuns some of these, of the caller's project
     */
    public record Ended(
            int generation,
            boolean rollback,
            String status,
            @JsonProperty("finished_at") Instant finishedAt,
            long compared,
            long differing,
            @JsonProperty("differing_runs") List<RunId> differingRuns) {}
}
