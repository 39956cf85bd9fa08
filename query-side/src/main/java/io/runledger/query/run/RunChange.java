package io.runledger.query.run;

import io.runledger.api.RunView;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one event made of a run. */
@Schema(name = "RunChange")
record RunChange(
        long sequence,
        long position,
        String type,
        Instant occurredAt,
        Instant recordedAt,
        String actor,

        @Schema(description = "The run after this event") RunView state,

        @Schema(description = "The fields that differ from before, each as [before, after]")
        Map<String, List<@Nullable Object>> changed) {

    /** Some of a run's changes, in order. */
    @Schema(name = "RunHistory")
    record Page(
            List<RunChange> data,

            @Schema(description = "Whether there are changes after this page")
            boolean hasMore,

            @Schema(description = "What to give as after in order to read on") @Nullable
            Long next) {}
}
