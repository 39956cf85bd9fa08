package io.runledger.query.item;

import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.PageLinks;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.item.ItemPages.Part;
import io.runledger.query.run.RunMoments;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows the items of a batch. */
@RestController
@Tag(name = "Runs")
public final class ItemController {

    private static final int DEFAULT_LIMIT = 10;
    private static final int MOST = 100;

    private final ItemPages pages;
    private final RunQueries runs;
    private final RunReferences references;
    private final RunMoments moments;
    private final Cursors cursors;

    ItemController(ItemPages pages, RunQueries runs, RunReferences references, RunMoments moments, Cursors cursors) {
        this.pages = pages;
        this.runs = runs;
        this.references = references;
        this.moments = moments;
        this.cursors = cursors;
    }

    /** A page of a run's items, in order. */
    @GetMapping("/v1/runs/{id}/items")
    @Operation(operationId = "listItems", summary = "The items of a batch, in order; none of a run that is no batch")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "status",
            description = "Items in this status; repeat it for alternatives",
            array =
                    @ArraySchema(
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = {"pending", "running", "succeeded", "failed"})))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            description = "How many items a page has at most",
            schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "10"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The cursor next of the page before",
            schema = @Schema(type = "string"))
    public ResponseEntity<ItemPage> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given,
            @Parameter(description = "Wait, at most 5 seconds, until the list shows the ledger up to this position")
                    @RequestHeader(name = RunMoments.LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        RunId run = references.resolve(caller.project(), id);
        QueryParameters parameters = new QueryParameters(given);
        List<ItemStatus> wanted =
                parameters.values("status", "must be pending, running, succeeded or failed", ItemStatus::parse);
        int limit = (int) parameters.number("limit", DEFAULT_LIMIT, 1, MOST);
        Set<ItemStatus> statuses = wanted.isEmpty() ? EnumSet.allOf(ItemStatus.class) : EnumSet.copyOf(wanted);
        String query = "items " + run + " " + statuses;
        String after = parameters.value("after", "is not a cursor of this list", text -> cursors.read(query, text));
        parameters.check();
        moments.await(ledgerPosition);
        RunView view = runs.handle(FindRun.latest(caller.project(), run));
        long total = view.items() == null ? 0 : view.items().total();
        int from = after == null ? 0 : Integer.parseInt(after) + 1;
        Part part = pages.from(caller.project(), from, statuses, limit, run, total);
        String next = part.more()
                ? cursors.print(query, Integer.toString(part.items().getLast().index()))
                : null;
        String links = PageLinks.of("/v1/runs/" + run + "/items", given, next, null);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links))
                .body(new ItemPage(part.items(), part.more(), next));
    }
}
