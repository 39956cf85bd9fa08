package io.runledger.query.item;

import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of a batch's items as the API shows it. */
@Schema(name = "ItemPage")
record ItemPage(
        List<Item> data,

        @Schema(description = "Whether there are items after this page; large ones make a page shorter")
        boolean hasMore,

        @Schema(description = "Cursor of the page after this one, for the parameter after") @Nullable
        String next) {

    /** One item, with its result when it has one. */
    @Schema(name = "Item")
    record Item(
            int index,
            ItemStatus status,
            @Schema(description = "any JSON") Json input,
            @Schema(description = "any JSON") @Nullable Json output,

            @Schema(implementation = RunError.class) @Nullable
            Json error) {}
}
