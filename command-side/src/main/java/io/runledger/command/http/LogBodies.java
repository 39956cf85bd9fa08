package io.runledger.command.http;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.command.log.RunLogs;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request that logs may say. */
final class LogBodies {

    static final int MAX_LINES = 1_000;
    static final int MAX_FIELDS = 16_384;

    private static final String LEVELS = "trace|debug|info|warn|error";

    private LogBodies() {}

    /** The body is the array itself. */
    record Lines(List<Line> lines) {

        /**
         * The lines.
         *
         * @throws Problem with everything that is wrong with them
         */
        List<RunLogs.Line> checked() {
            List<FieldError> errors = new ArrayList<>();
            if (lines.isEmpty() || lines.size() > MAX_LINES) {
                errors.add(new FieldError("", "size must be between 1 and " + MAX_LINES));
            }
            for (int i = 0; i < lines.size(); i++) {
                Json fields = lines.get(i).fields();
                if (fields != null
                        && (!fields.text().startsWith("{") || fields.text().length() > MAX_FIELDS)) {
                    errors.add(new FieldError(
                            "/" + i + "/fields", "must be an object of at most " + MAX_FIELDS + " characters"));
                }
            }
            if (!errors.isEmpty()) {
                throw Problem.badRequest(errors);
            }
            return lines.stream().map(Line::line).toList();
        }
    }

    @Schema(name = "LogLineBody")
    record Line(
            @NotNull(message = "is required: " + LEVELS) @Pattern(regexp = LEVELS)
            String level,

            @NotNull(message = "is required") @Size(max = Bodies.MAX_TEXT)
            String message,

            @Schema(description = "When it was logged; when it came, if absent") @Nullable
            Instant at,

            @Schema(
                    description = "An object with what else there is to say, of at most 16,384 characters",
                    type = "object")
            @Nullable
            Json fields) {

        private RunLogs.Line line() {
            return new RunLogs.Line(level, message, at, fields);
        }
    }
}
