package io.runledger.command.http;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the create of a single task may say: what a run may, but nothing of other tasks or runs. */
@Schema(name = "CreateTask")
record SingleTask(
        @Schema(type = "string", pattern = Target.PATTERN, example = "task:send-mail") @Nullable
        Target target,

        @Size(min = 1, max = Bodies.MAX_NAME)
        @Pattern(regexp = TaskBody.KEY)
        @Schema(description = "Instead of target: video says task:video")
        @Nullable
        String kind,

        @Size(min = 1, max = Bodies.MAX_KEY) @Schema(description = "Of the run that holds the task") @Nullable
        String key,

        @Size(min = 1, max = Bodies.MAX_NAME) @Nullable String name,
        @Schema(description = "any JSON") @Nullable Json input,
        @Schema(description = "any JSON") @Nullable Json config,

        @Size(max = Bodies.MAX_LABELS) @Nullable
        Map<@Size(min = 1, max = Bodies.MAX_LABEL) String, @Size(max = Bodies.MAX_LABEL) String> labels,

        @Schema(description = "any JSON") @Nullable Json metadata,

        @Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) @Nullable
        String stage,

        @Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) @Nullable
        String queue,

        @Min(-Bodies.MAX_PRIORITY) @Max(Bodies.MAX_PRIORITY) @Nullable
        Integer priority,

        @Min(1) @Max(Bodies.MAX_ATTEMPTS) @Nullable Integer maxAttempts,
        OptionBodies.@Nullable BackoffBody backoff,

        @Within(min = Bodies.SHORTEST, max = Bodies.LONGEST)
        @Schema(description = "How long one attempt may take")
        @Nullable
        Duration timeout,

        @Within(min = Bodies.SHORTEST, max = Bodies.LONGEST)
        @Schema(description = "It fails with expired if it was not started so long after it was created")
        @Nullable
        Duration ttl,

        OptionBodies.@Nullable ConcurrencyBody concurrency,
        @Nullable Instant occurredAt,

        @Size(min = 1, max = Bodies.MAX_COMMAND_ID) @Nullable
        String commandId) {

    /** What the run executes that holds a single task. */
    static final Target OF_THE_RUN = new Target("workflow", "single-task");

    private static final String KEY = "task";

    /**
     * What the task executes.
     *
     * @throws Problem when the request does not say, or says it twice
     */
    Target executes() {
        if (kind == null && target != null) {
            return target;
        }
        if (kind == null || target != null) {
            throw Problem.badRequest(
                    kind == null ? "/target" : "/kind", "give either target or kind: what the task executes");
        }
        return new Target("task", kind);
    }

    /** A create of a run that is made of this task. */
    Bodies.Create create() {
        TaskBody task = new TaskBody(
                KEY,
                target,
                kind,
                name,
                literal(),
                config,
                labels,
                metadata,
                null,
                null,
                null,
                null,
                queue,
                priority,
                maxAttempts,
                backoff,
                timeout,
                ttl,
                concurrency);
        return new Bodies.Create(
                OF_THE_RUN,
                key,
                name,
                null,
                null,
                null,
                labels,
                null,
                stage,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(task),
                null,
                occurredAt,
                commandId);
    }

    /** There is nothing to refer to, so the input is what it looks like. */
    private @Nullable Json literal() {
        return input == null
                ? null
                : new Json("{\"$literal\":" + Objects.requireNonNull(input).text() + "}");
    }
}
