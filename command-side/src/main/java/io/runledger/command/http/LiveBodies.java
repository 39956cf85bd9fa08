package io.runledger.command.http;

import io.runledger.api.Json;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the requests that create runs in other ways may say: reruns, and runs of actions. */
final class LiveBodies {

    private LiveBodies() {}

    /** What is to be different this time; what is absent is as it was. */
    @Schema(name = "RerunRun")
    record Rerun(
            @Size(min = 1, max = Bodies.MAX_KEY) @Nullable String key,
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

            @Size(min = 1)
            @Schema(
                    description = "Of a run made of tasks: do these, by their keys, and what hangs on them, again;"
                            + " what the others came to is taken over as far as they succeeded")
            @Nullable
            List<@Size(min = 1, max = Bodies.MAX_NAME) String> from,

            @Nullable Instant occurredAt,

            @Size(min = 1, max = Bodies.MAX_COMMAND_ID) @Nullable
            String commandId)
            implements Bodies.Body {

        /** Nothing is to be different; the command has this id. */
        static Rerun as(String commandId) {
            return new Rerun(null, null, null, null, null, null, null, null, null, null, null, null, commandId);
        }

        /** A create like the one of this run, but for what is said here; it waits for no time and no other run. */
        Bodies.Create createLike(RunView run) {
            return new Bodies.Create(
                    run.target(),
                    key,
                    given(name, run.name()),
                    given(input, run.input()),
                    null,
                    given(config, run.config()),
                    given(labels, run.labels()),
                    given(metadata, run.metadata()),
                    given(stage, run.stage()),
                    given(queue, run.queue()),
                    given(priority, run.priority()),
                    given(maxAttempts, run.maxAttempts()),
                    run.backoff() == null ? null : OptionBodies.BackoffBody.of(run.backoff()),
                    null,
                    run.timeout(),
                    null,
                    run.concurrency() == null ? null : OptionBodies.ConcurrencyBody.of(run.concurrency()),
                    null,
                    null,
                    null,
                    occurredAt,
                    commandId);
        }

        private static <T> @Nullable T given(@Nullable T said, @Nullable T before) {
            return said == null ? before : said;
        }
    }

    @Schema(name = "LiveAction")
    record LiveAction(
            @Schema(description = "any JSON") @Nullable Json input,
            @Schema(description = "any JSON") @Nullable Json config,

            @Size(max = Bodies.MAX_LABELS) @Nullable
            Map<@Size(min = 1, max = Bodies.MAX_LABEL) String, @Size(max = Bodies.MAX_LABEL) String> labels,

            @Schema(description = "any JSON") @Nullable Json metadata,

            @Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) @Nullable
            String stage,

            @Size(min = 1, max = Bodies.MAX_COMMAND_ID) @Nullable
            String commandId) {

        Bodies.Create create(Target target) {
            return ofAction(target, input, null, config, labels, metadata, stage, commandId);
        }
    }

    @Schema(name = "AsyncAction")
    record AsyncAction(
            @NotNull(message = "is required: the inputs, each of which becomes an item")
            @Size(min = 1, max = Bodies.MAX_INPUTS)
            Collection<Json> inputs,

            @Schema(description = "any JSON") @Nullable Json config,

            @Size(max = Bodies.MAX_LABELS) @Nullable
            Map<@Size(min = 1, max = Bodies.MAX_LABEL) String, @Size(max = Bodies.MAX_LABEL) String> labels,

            @Schema(description = "any JSON") @Nullable Json metadata,

            @Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) @Nullable
            String stage,

            @Size(min = 1, max = Bodies.MAX_COMMAND_ID) @Nullable
            String commandId) {

        Bodies.Create create(Target target) {
            return ofAction(target, null, inputs, config, labels, metadata, stage, commandId);
        }
    }

    private static Bodies.Create ofAction(
            Target target,
            @Nullable Json input,
            @Nullable Collection<Json> inputs,
            @Nullable Json config,
            @Nullable Map<String, String> labels,
            @Nullable Json metadata,
            @Nullable String stage,
            @Nullable String commandId) {
        return new Bodies.Create(
                target, null, null, input, inputs, config, labels, metadata, stage, null, null, null, null, null, null,
                null, null, null, null, null, null, commandId);
    }
}
