package io.runledger.query.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Whether a run's history is as it was written. */
@Schema(name = "Verification")
record Verification(
        boolean valid,
        @Schema(description = "How many events the run has") long events,

        @Schema(description = "The stored hash of the last one, in hex")
        String headHash,

        @Schema(description = "The first sequence number that is missing or does not match; absent when all do")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Long brokenAt) {}
