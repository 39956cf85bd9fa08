package io.runledger.query.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.runledger.api.RunView;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of runs as the API shows it; the totals only when they were asked for. */
@Schema(name = "RunPage")
record RunPage(
        List<RunView> data,

        @Schema(description = "Whether there are runs after this page")
        boolean hasMore,

        @Schema(description = "Cursor of the page after this one, for the parameter after") @Nullable
        String next,

        @Schema(description = "Cursor of the page before this one, for the parameter before") @Nullable
        String previous,

        @Schema(description = "How many runs the list has, counted up to 10,000; with count=true")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Long total,

        @Schema(description = "Whether there are more than total says")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean totalIsAtLeast) {

    RunPage withTotal(long counted, boolean atLeast) {
        return new RunPage(data, hasMore, next, previous, counted, atLeast ? Boolean.TRUE : null);
    }
}
