package io.runledger.query.event;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of events as the API shows it. */
@Schema(name = "EventPage")
record EventPage(
        List<LedgerEvent> data,

        @Schema(description = "Whether there are events after this page")
        boolean hasMore,

        @Schema(description = "What to give as after in order to read on") @Nullable
        Long next) {}
