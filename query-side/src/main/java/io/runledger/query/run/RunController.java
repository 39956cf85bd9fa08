package io.runledger.query.run;

import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.PageLinks;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows runs: one as it is now, and lists. */
@RestController
@RequestMapping("/v1/runs")
@Tag(name = "Runs")
public final class RunController {

    private final RunQueries queries;
    private final RunReferences references;
    private final RunList list;
    private final Cursors cursors;
    private final RunMoments moments;

    RunController(RunQueries queries, RunReferences references, RunList list, Cursors cursors, RunMoments moments) {
        this.queries = queries;
        this.references = references;
        this.list = list;
        this.cursors = cursors;
        this.moments = moments;
    }

    /** The run as it is after every acknowledged command. */
    @GetMapping("/{id}")
    @Operation(operationId = "getRun", summary = "A run, as it is after every acknowledged command, or as it was")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "as_of",
            description =
                    "The run as it was at this time, like 2026-01-31T12:00:00Z, after its event of this sequence number,"
                            + " or at position: and a number",
            schema = @Schema(type = "string"))
    public ResponseEntity<RunView> get(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        AsOf asOf = AsOf.ofRun(parameters);
        parameters.check();
        RunView run = run(caller.project(), references.resolve(caller.project(), id), asOf);
        return ResponseEntity.ok()
                .eTag("\"" + run.version() + "\"")
                .header(RunMoments.LEDGER_POSITION, Long.toString(run.position()))
                .body(run);
    }

    /** A page of the project's runs. */
    @GetMapping
    @RunFilterDocumentation
    @AsOfDocumentation
    @RunListDocumentation
    public ResponseEntity<RunPage> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = "Wait, at most 5 seconds, until the list shows the ledger up to this position")
                    @RequestHeader(name = RunMoments.LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        RunListQuery query = RunListParameters.read(caller.project(), parameters, cursors);
        RunPage page = list.page(query, moments.await(query.asOf(), ledgerPosition));
        String links = PageLinks.of("/v1/runs", parameters, page.next(), page.previous());
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links)).body(page);
    }

    private RunView run(String project, RunId id, @Nullable AsOf asOf) {
        return switch (asOf) {
            case null -> queries.handle(FindRun.latest(project, id));
            case AsOf.Sequence(long sequence) -> queries.asOf(project, id, sequence);
            case AsOf.Time _, AsOf.Position _ -> queries.asOf(project, id, moments.of(asOf));
        };
    }
}
