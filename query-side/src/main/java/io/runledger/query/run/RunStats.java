package io.runledger.query.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many runs there are, in which status, and how long they took. */
@Schema(name = "RunStats")
record RunStats(
        long total,

        @Schema(description = "Whether there are more than were counted; every count is then of those only")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean totalIsAtLeast,

        @Schema(description = "How many runs are in each status that occurs")
        Map<String, Long> byStatus,

        @Schema(description = "With group_by: the same for each value, the most frequent first")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        List<Group> groups,

        @Schema(description = "Whether there are more groups than are shown")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean hasMoreGroups,

        Durations durationMs) {

    /** The runs with the same value; the key is null for those that have none. */
    @Schema(name = "RunStatsGroup")
    record Group(@Nullable String key, long total, Map<String, Long> byStatus) {}

    /** Of the runs that finished last, up to 10,000 of them; null when none did. */
    @Schema(name = "RunStatsDurations")
    record Durations(
            @Nullable Long p50,
            @Nullable Long p95,

            @Schema(description = "How many runs these are the percentiles of")
            long runs) {}
}
