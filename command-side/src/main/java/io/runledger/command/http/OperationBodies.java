package io.runledger.command.http;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.command.operation.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the requests for bulk operations may say, and what they are answered beside operations. */
final class OperationBodies {

    static final String FILTER_SCHEMA = "#/components/schemas/RunFilter";

    private OperationBodies() {}

    /** What is said for every command. */
    interface Wanted {
        Json filter();

        @Nullable
        Boolean dryRun();

        @Nullable
        String reason();

        @Nullable
        String commandId();
    }

    /** The same command for many runs. */
    @Schema(name = "BulkCommand")
    record Bulk(
            @NotNull(message = "is required: which runs, like {\"status\": \"queued\"}") @Schema(ref = FILTER_SCHEMA)
            Json filter,

            @Schema(description = "Only tell how many runs it would be, and show some") @Nullable
            Boolean dryRun,

            @Size(max = Bodies.MAX_TEXT) @Nullable String reason,

            @Schema(description = "Your own id of this operation; sent again, it is answered with the same operation")
            @Size(min = 1, max = Bodies.MAX_COMMAND_ID)
            @Nullable
            String commandId)
            implements Wanted {}

    /** A new run for each of many runs, which needs no reason. */
    @Schema(name = "BulkRerun")
    record BulkRerun(
            @NotNull(message = "is required: which runs, like {\"status\": \"failed\"}") @Schema(ref = FILTER_SCHEMA)
            Json filter,

            @Schema(description = "Only tell how many runs it would be, and show some") @Nullable
            Boolean dryRun,

            @Schema(description = "Your own id of this operation; sent again, it is answered with the same operation")
            @Size(min = 1, max = Bodies.MAX_COMMAND_ID)
            @Nullable
            String commandId)
            implements Wanted {

        @Override
        public @Nullable String reason() {
            return null;
        }
    }

    /** What an operation would be about. */
    @Schema(name = "BulkPreview")
    record Preview(
            @Schema(description = "How many runs the filter wants")
            long total,

            @Schema(description = "The ledger's position that this is as of")
            long position,

            @Schema(description = "The oldest of them") List<Sample> sample) {}

    /** A run in short. */
    @Schema(name = "BulkSample")
    record Sample(RunId id, @Nullable String key, Target target, RunStatus status) {

        static Sample of(RunView run) {
            return new Sample(run.id(), run.key(), run.target(), run.status());
        }
    }

    /** A page of operations, the latest first. */
    @Schema(name = "OperationPage")
    record Page(
            List<Operation> data,
            boolean hasMore,

            @Schema(description = "Cursor of the page after this one, for the parameter after") @Nullable
            String next) {}
}
