package io.runledger.query.run;

import io.runledger.api.Caller;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows what runs come to: their numbers, and what each event made of one. */
@RestController
@RequestMapping("/v1/runs")
@Tag(name = "Runs")
public final class RunPastController {

    private static final int DEFAULT_LIMIT = 20;
    private static final int MOST = 100;

    private final RunCounts counts;
    private final RunAudit audit;
    private final RunReferences references;
    private final RunMoments moments;

    RunPastController(RunCounts counts, RunAudit audit, RunReferences references, RunMoments moments) {
        this.counts = counts;
        this.audit = audit;
        this.references = references;
        this.moments = moments;
    }

    /** How many of the project's runs are in which status, and how long they took. */
    @GetMapping("/stats")
    @RunFilterDocumentation
    @AsOfDocumentation
    @Operation(
            operationId = "getRunStats",
            summary = "How many runs there are, in which status, and how long they took",
            description = "Questions by status, kind, target, queue and stage alone are answered exactly from counters;"
                    + " any other one counts up to 100,000 runs and says so. Durations are those of the 10,000 runs"
                    + " that finished last.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "group_by",
            description = "Counts the runs of each value too: target, queue, stage, or label. and a label's name",
            schema = @Schema(type = "string"))
    public RunStats stats(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = "Wait, at most 5 seconds, until the numbers show the ledger up to this position")
                    @RequestHeader(name = RunMoments.LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        RunStatsQuery query = RunStatsQuery.read(caller.project(), parameters);
        return counts.stats(query, moments.await(query.asOf(), ledgerPosition));
    }

    /** The run after each of its events. */
    @GetMapping("/{id}/history")
    @Operation(operationId = "getRunHistory", summary = "The run after each of its events, and what that changed")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The sequence number of the last event that is known already",
            schema = @Schema(type = "integer", format = "int64", minimum = "-1"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            description = "How many changes a page has at most; large ones make it shorter",
            schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "20"))
    public RunChange.Page history(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        long after = parameters.number("after", RunRow.NEW, RunRow.NEW, Long.MAX_VALUE);
        int limit = (int) parameters.number("limit", DEFAULT_LIMIT, 1, MOST);
        parameters.check();
        return audit.page(caller.project(), references.resolve(caller.project(), id), after, limit);
    }
}
