package io.runledger.query.log;

import io.runledger.api.Json;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One line of a run's log as the API shows it; {@code number} counts the lines of the run from 0. */
@Schema(name = "LogLine")
record LogLine(
        int number,
        Instant at,
        String level,
        String message,

        @Schema(description = "any JSON that is an object") @Nullable
        Json fields) {}
