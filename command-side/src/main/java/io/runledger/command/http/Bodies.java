package io.runledger.command.http;

import io.runledger.api.Artifact;
import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunId;
import io.runledger.api.Target;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the requests that command runs may say. Lengths count characters; an explicit null is like an absent member. */
final class Bodies {

    static final int MAX_KEY = 255;
    static final int MAX_NAME = 100;
    static final int MAX_INPUTS = 100_000;
    static final int MAX_COMMAND_ID = 64;
    static final int MAX_LABELS = 32;
    static final int MAX_LABEL = 255;
    static final int MAX_TEXT = 10_000;
    static final int MAX_ARTIFACTS = 1_000;
    static final int MAX_ATTEMPTS = 1_000;
    static final int MAX_LEASE_SECONDS = 7 * 24 * 3600;
    static final int MAX_PRIORITY = 100;
    static final int MAX_CONCURRENCY = 10_000;
    static final int MAX_DEPENDENCIES = 100;

    static final String SHORTEST = "PT0.001S";
    static final String LONGEST = "P365D";
    static final String LONGEST_WAIT = "P1D";

    static final String WORD = "[A-Za-z0-9][A-Za-z0-9._/-]*";

    private Bodies() {}

    /** What every command may say beside its own. */
    interface Body {
        @Nullable
        Instant occurredAt();

        @Nullable
        String commandId();
    }

    /** A body of a command that the holder of a lease gives. */
    interface LeasedBody extends Body {
        @Nullable
        String leaseToken();
    }

    @Schema(name = "CreateRun")
    record Create(
            @NotNull(message = "is required: kind:name, like task:send-mail")
            @Schema(type = "string", pattern = Target.PATTERN, example = "task:send-mail")
            Target target,

            @Size(min = 1, max = MAX_KEY) @Nullable String key,
            @Size(min = 1, max = MAX_NAME) @Nullable String name,
            @Schema(description = "any JSON") @Nullable Json input,

            @Size(min = 1, max = MAX_INPUTS)
            @Schema(
                    description = "Instead of input: makes one run with as many items, in a body of up to 256 MiB."
                            + " Nothing is created unless all of them are right. Sent again with the same key and"
                            + " command_id, an interrupted create goes on where it was")
            @Nullable
            Collection<Json> inputs,

            @Schema(description = "any JSON") @Nullable Json config,

            @Size(max = MAX_LABELS) @Nullable
            Map<@Size(min = 1, max = MAX_LABEL) String, @Size(max = MAX_LABEL) String> labels,

            @Schema(description = "any JSON") @Nullable Json metadata,

            @Size(min = 1, max = MAX_NAME) @Pattern(regexp = WORD) @Nullable
            String stage,

            @Size(min = 1, max = MAX_NAME) @Pattern(regexp = WORD) @Nullable
            String queue,

            @Min(-MAX_PRIORITY) @Max(MAX_PRIORITY) @Nullable Integer priority,
            @Min(1) @Max(MAX_ATTEMPTS) @Nullable Integer maxAttempts,

            @Schema(description = "How long to wait before the next attempt; without it none")
            OptionBodies.@Nullable BackoffBody backoff,

            @Schema(description = "Not before; absent or past: at once") @Nullable
            Instant runAt,

            @Within(min = SHORTEST, max = LONGEST) @Schema(description = "How long one attempt may take") @Nullable
            Duration timeout,

            @Within(min = SHORTEST, max = LONGEST)
            @Schema(
                    description =
                            "The run fails with expired if it was not started so long after it was created, or run_at")
            @Nullable
            Duration ttl,

            OptionBodies.@Nullable ConcurrencyBody concurrency,

            @Size(max = MAX_DEPENDENCIES)
            @Schema(description = "The runs that must have succeeded before; when one does not, this run is skipped")
            @Nullable
            List<RunId> dependsOn,

            @Size(min = 1)
            @Schema(
                    description = "Makes the run one of these tasks, each a run of its own when its turn has come; the"
                            + " run is started, and ends, by what becomes of them")
            @Nullable
            List<TaskBody> tasks,

            @Pattern(regexp = FailurePolicy.PATTERN, message = FailurePolicy.MUST)
            @Schema(
                    description = "When a task that is not optional has failed, no other is begun: are those under way"
                            + " cancelled, or may they end?",
                    defaultValue = "finish_what_runs")
            @Nullable
            String onFailure,

            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements Body, AutoCloseable {

        /** Lets go of inputs that are too many to be held in memory. */
        @Override
        public void close() {
            if (inputs instanceof SpooledInputs spooled) {
                spooled.close();
            }
        }
    }

    @Schema(name = "StartRun")
    record Start(
            @Size(min = 1, max = MAX_NAME) @Nullable String worker,
            @Min(1) @Max(MAX_LEASE_SECONDS) @Nullable Integer leaseSeconds,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements Body {}

    @Schema(name = "ProgressRun")
    record Progress(
            @DecimalMin("0") @DecimalMax("100") @Nullable Double percent,
            @Size(max = MAX_TEXT) @Nullable String message,
            @Schema(description = "any JSON") @Nullable Json checkpoint,
            @Nullable String leaseToken,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements LeasedBody {}

    @Schema(name = "NoteRun")
    record Note(
            @NotNull(message = "is required: your own name for what happened, like agent.message")
            @Size(min = 1, max = MAX_LABEL)
            String type,

            @Schema(description = "any JSON") @Nullable Json payload,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements Body {}

    @Schema(name = "ArtifactReference")
    record ArtifactBody(
            @NotNull(message = "is required") @Size(min = 1, max = MAX_LABEL)
            String name,

            @Size(min = 1, max = MAX_LABEL) @Nullable String mediaType,
            @Size(min = 1, max = MAX_TEXT) @Nullable String url,
            @Min(0) @Nullable Long size,

            @Pattern(regexp = "[0-9a-f]{64}", message = "must be 64 lower hex digits") @Nullable
            String sha256) {

        Artifact artifact() {
            return new Artifact(name, mediaType, url, size, sha256);
        }
    }

    @Schema(name = "AddArtifact")
    record AddArtifact(
            @NotNull(message = "is required") @Size(min = 1, max = MAX_LABEL)
            String name,

            @Size(min = 1, max = MAX_LABEL) @Nullable String mediaType,
            @Size(min = 1, max = MAX_TEXT) @Nullable String url,
            @Min(0) @Nullable Long size,

            @Pattern(regexp = "[0-9a-f]{64}", message = "must be 64 lower hex digits") @Nullable
            String sha256,

            @Nullable String leaseToken,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements LeasedBody {

        Artifact artifact() {
            return new Artifact(name, mediaType, url, size, sha256);
        }
    }

    /** Finish, stop and cancel say no more than why. */
    @Schema(name = "Reason")
    record Reason(
            @Size(max = MAX_TEXT) @Nullable String reason,
            @Nullable String leaseToken,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements LeasedBody {}

    @Schema(name = "CompleteRun")
    record Complete(
            @Schema(description = "any JSON") @Nullable Json output,
            @Nullable Integer exitCode,
            @Size(max = MAX_ARTIFACTS) @Nullable List<@Valid ArtifactBody> artifacts,
            @Nullable String leaseToken,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements LeasedBody {}

    @Schema(name = "RunErrorBody")
    record ErrorBody(
            @NotNull(message = "is required: a stable name for the error") @Size(min = 1, max = MAX_LABEL)
            String code,

            @NotNull(message = "is required: what went wrong, for people") @Size(max = MAX_TEXT)
            String message,

            @Nullable Boolean retryable,
            @Schema(description = "any JSON") @Nullable Json details) {

        RunError error() {
            return new RunError(code, message, retryable, details);
        }
    }

    @Schema(name = "FailRun")
    record Fail(
            @NotNull(message = "is required: {code, message}")
            ErrorBody error,

            @Nullable Integer exitCode,
            @Nullable String leaseToken,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements LeasedBody {}

    @Schema(name = "ResumeRun")
    record Resume(
            @Pattern(regexp = "resume", message = "must be resume") @Nullable
            String action,

            @Size(max = MAX_TEXT) @Nullable String reason,
            @Schema(description = "any JSON") @Nullable Json input,
            @Nullable Instant occurredAt,
            @Size(min = 1, max = MAX_COMMAND_ID) @Nullable String commandId)
            implements Body {}
}
