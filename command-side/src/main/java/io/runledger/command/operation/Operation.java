package io.runledger.command.operation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One command for each of the runs that a filter wanted: what was asked for, and how far it is. */
public record Operation(
        @Schema(description = "ULID") String id,
        String project,
        BulkCommand command,

        @Schema(ref = "#/components/schemas/RunFilter") Json filter,

        @Nullable String reason,
        Status status,

        @Schema(description = "The runs are those that the filter wanted when this was the ledger's last position")
        long position,

        @Schema(description = "How many runs these were") long total,

        @Schema(description = "How many have taken the command, or were as it wants them already")
        long done,

        @Schema(description = "How many have refused it") long failed,

        @Schema(description = "How many have not had it yet")
        long left,

        @Schema(description = "The refusals by their codes, each with the first runs that gave it")
        List<Failure> failures,

        @Schema(description = "Why it does not get on at the moment; it is tried again and again") @Nullable
        String heldUpBy,

        @Schema(description = "Whose key it is by, as in the events of the runs")
        String createdBy,

        @Schema(description = "The correlation_id of the events")
        String requestId,

        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant finishedAt,
        @JsonIgnore long pages,
        @JsonIgnore @Nullable RunId upTo) {

    /** How an operation stands. */
    public enum Status {
        RUNNING,
        /** The page under way is still carried out. */
        CANCELLING,
        CANCELLED,
        COMPLETED;

        /** The lower case name used on the wire and in the database. */
        @JsonValue
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Status of(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT));
        }
    }

    /** Runs that refused the command for the same reason. */
    @Schema(name = "OperationFailure")
    public record Failure(
            @Schema(description = "The problem's code") String code,
            long runs,

            @Schema(description = "The first ten of them") List<Refusal> examples) {}

    /** What one run said. */
    @Schema(name = "OperationRefusal")
    public record Refusal(RunId runId, String detail) {}
}
