package io.runledger.command.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.runledger.api.Json;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a create may say of one task; {@link TaskPlans} makes a plan of all of them. */
@Schema(name = "PlannedTask")
record TaskBody(
        @Size(min = 1, max = Bodies.MAX_NAME)
        @Pattern(regexp = TaskBody.KEY)
        @Schema(description = "Unique among the tasks; the target's name when absent")
        @Nullable
        String key,

        @Schema(type = "string", pattern = Target.PATTERN, example = "task:send-mail") @Nullable
        Target target,

        @Size(min = 1, max = Bodies.MAX_NAME)
        @Pattern(regexp = TaskBody.KEY)
        @Schema(description = "Instead of target: video says task:video")
        @Nullable
        String kind,

        @Size(min = 1, max = Bodies.MAX_NAME) @Nullable String name,

        @Schema(
                description =
                        "any JSON. In it {\"$ref\": \"/tasks/fetch/output/url\"} stands for what is found there when"
                                + " the task's turn has come: in /run/input, /run/config, /run/labels, or /tasks/KEY/output of"
                                + " a task that this one waits for. {\"$literal\": …} stands for its value as it is")
        @Nullable
        Json input,

        @Schema(description = "any JSON") @Nullable Json config,

        @Size(max = Bodies.MAX_LABELS) @Nullable
        Map<@Size(min = 1, max = Bodies.MAX_LABEL) String, @Size(max = Bodies.MAX_LABEL) String> labels,

        @Schema(description = "any JSON") @Nullable Json metadata,

        @Schema(description = "Tasks that begin when this one has succeeded, side by side") @Nullable
        List<TaskBody> next,

        @Size(max = Bodies.MAX_DEPENDENCIES)
        @Schema(
                description =
                        "The keys of the tasks that must have succeeded before; of one that does not, this is skipped")
        @Nullable
        List<String> dependsOn,

        @JsonProperty("if")
        @Size(min = 1)
        @Schema(
                description = "A condition in CEL over run.input, run.config, run.labels, and tasks.KEY.output and"
                        + " tasks.KEY.status of tasks that this one waits for; when it is false the task is skipped",
                example = "run.input.media == 'video'")
        @Nullable
        String condition,

        @Schema(description = "When it fails, the run is a partial success at most, and not failed") @Nullable
        Boolean optional,

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
        @Schema(description = "It fails with expired if it was not started so long after its turn has come")
        @Nullable
        Duration ttl,

        OptionBodies.@Nullable ConcurrencyBody concurrency) {

    /** What a key must look like: it stands in conditions and in pointers. */
    static final String KEY = "[A-Za-z0-9][A-Za-z0-9_-]*";
}
