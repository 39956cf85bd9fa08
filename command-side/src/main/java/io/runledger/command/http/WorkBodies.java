package io.runledger.command.http;

import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What workers may say when they ask for work and when they tell that they are still there. */
final class WorkBodies {

    static final int MAX_CLAIMS = 100;
    static final int MAX_ITEMS = 1_000;
    static final int MAX_WAIT_SECONDS = 30;
    static final int MAX_NAMED = 100;

    private WorkBodies() {}

    @Schema(name = "ClaimRuns")
    record Claim(
            @NotNull(message = "is required: the worker's own name") @Size(min = 1, max = Bodies.MAX_NAME)
            String worker,

            @Size(max = MAX_NAMED)
            @Schema(description = "Take runs of these queues only; any when absent or empty")
            @Nullable
            List<@Size(min = 1, max = Bodies.MAX_NAME) String> queues,

            @Size(max = MAX_NAMED)
            @Schema(description = "Take runs of these targets only; any when absent or empty")
            @Nullable
            List<Target> targets,

            @Min(1) @Max(MAX_CLAIMS) @Schema(description = "At most so many runs; 1 when absent") @Nullable
            Integer max,

            @NotNull(message = "is required: how long to hold each run without a heartbeat")
            @Min(1)
            @Max(Bodies.MAX_LEASE_SECONDS)
            Integer leaseSeconds,

            @Min(0)
            @Max(MAX_WAIT_SECONDS)
            @Schema(description = "How long to wait for the first run; 0 when absent")
            @Nullable
            Integer waitSeconds) {}

    @Schema(name = "Heartbeat")
    record Heartbeat(
            @NotNull(message = "is required: the lease_token that came with the run")
            String leaseToken,

            @Nullable ProgressTold progress) {}

    @Schema(name = "ProgressTold")
    record ProgressTold(
            @DecimalMin("0") @DecimalMax("100") @Nullable Double percent,
            @Size(max = Bodies.MAX_TEXT) @Nullable String message) {}

    @Schema(name = "ClaimItems")
    record ItemClaim(
            @NotNull(message = "is required: the worker's own name") @Size(min = 1, max = Bodies.MAX_NAME)
            String worker,

            @Min(1) @Max(MAX_ITEMS) @Schema(description = "At most so many items; 100 when absent") @Nullable
            Integer max,

            @NotNull(message = "is required: how long to hold the items without a report")
            @Min(1)
            @Max(Bodies.MAX_LEASE_SECONDS)
            Integer leaseSeconds) {}

    @Schema(name = "ItemResult")
    record ItemResultBody(
            @NotNull(message = "is required: which item") @Min(0)
            Integer index,

            @Schema(description = "any JSON") @Nullable Json output,
            Bodies.@Nullable ErrorBody error) {

        ItemResult result() {
            return new ItemResult(index, output, error == null ? null : error.error());
        }
    }

    @Schema(name = "RecordItems")
    record ItemResults(
            @NotNull(message = "is required: the lease_token that came with the items")
            String leaseToken,

            @NotNull(message = "is required: [{index, output} or {index, error}]") @Size(min = 1, max = MAX_ITEMS)
            List<@Valid ItemResultBody> results,

            @Nullable Instant occurredAt,

            @Size(min = 1, max = Bodies.MAX_COMMAND_ID) @Nullable
            String commandId)
            implements Bodies.Body {}
}
