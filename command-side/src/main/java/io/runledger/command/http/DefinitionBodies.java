package io.runledger.command.http;

import io.runledger.api.Concurrency;
import io.runledger.api.Definition;
import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.RunDefaults;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a definition of a target may say. */
final class DefinitionBodies {

    static final int MAX_STAGES = 32;

    private DefinitionBodies() {}

    /** The whole definition: what is absent is not kept from the one before. */
    @Schema(name = "PutDefinition")
    record Put(
            @Schema(
                    description =
                            "any JSON that is a JSON Schema (2020-12): what the input of every run, and each of the"
                                    + " inputs of a batch, must keep to. It refers to nothing outside of itself; patterns have"
                                    + " neither lookaround nor back references; formats are not judged")
            @Nullable
            Json inputSchema,

            @Size(min = 1, max = MAX_STAGES)
            @Schema(description = "The stages that a run may name; any when absent")
            @Nullable
            List<@Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) String> stages,

            @Nullable DefaultsBody defaults,

            @Schema(description = "What runs that bring no tasks of their own are made of: a list as tasks of a create")
            @Nullable
            Json tasks,

            @Pattern(regexp = FailurePolicy.PATTERN, message = FailurePolicy.MUST)
            @Schema(description = "As on_failure of a create", defaultValue = "finish_what_runs")
            @Nullable
            String onFailure) {

        Definition definition(Target target) {
            return new Definition(
                    inputSchema,
                    stages == null ? List.of() : stages.stream().distinct().toList(),
                    defaults == null ? RunDefaults.NONE : defaults.defaults(target),
                    tasks,
                    onFailure == null ? null : FailurePolicy.of(onFailure));
        }
    }

    @Schema(name = "RunDefaultsBody", description = "What holds for a run that does not say it itself")
    record DefaultsBody(
            @Size(min = 1, max = Bodies.MAX_NAME) @Pattern(regexp = Bodies.WORD) @Nullable
            String queue,

            @Min(-Bodies.MAX_PRIORITY) @Max(Bodies.MAX_PRIORITY) @Nullable
            Integer priority,

            @Within(min = Bodies.SHORTEST, max = Bodies.LONGEST) @Nullable
            Duration timeout,

            @Min(1) @Max(Bodies.MAX_ATTEMPTS) @Nullable Integer maxAttempts,

            OptionBodies.@Nullable BackoffBody backoff,

            @Nullable LimitBody concurrency,

            @Size(max = Bodies.MAX_LABELS) @Schema(description = "Added to those of the run, which win") @Nullable
            Map<@Size(min = 1, max = Bodies.MAX_LABEL) String, @Size(max = Bodies.MAX_LABEL) String> labels) {

        private RunDefaults defaults(Target target) {
            return new RunDefaults(
                    queue,
                    priority,
                    timeout,
                    maxAttempts,
                    backoff == null ? null : backoff.backoff(),
                    concurrency == null ? null : concurrency.concurrency(target),
                    labels);
        }
    }

    @Schema(name = "ConcurrencyLimit")
    record LimitBody(
            @Size(min = 1, max = Bodies.MAX_KEY)
            @Schema(description = "Runs with the same key share the limit; the target's own when absent")
            @Nullable
            String key,

            @NotNull(message = "is required: how many may be queued or running at once")
            @Min(1)
            @Max(Bodies.MAX_CONCURRENCY)
            Integer limit) {

        private Concurrency concurrency(Target target) {
            return new Concurrency(key == null ? target.toString() : key, limit);
        }
    }
}
