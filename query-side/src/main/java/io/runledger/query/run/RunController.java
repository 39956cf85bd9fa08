package io.runledger.query.run;

import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.Problem;
import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.PageLinks;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.projection.ViewPosition;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
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

    /** How far the ledger had got; sent back with a list, it makes the list wait for its view. */
    static final String LEDGER_POSITION = "Ledger-Position";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final RunQueries queries;
    private final RunReferences references;
    private final RunList list;
    private final Cursors cursors;
    private final ViewPosition position;

    RunController(RunQueries queries, RunReferences references, RunList list, Cursors cursors, ViewPosition position) {
        this.queries = queries;
        this.references = references;
        this.list = list;
        this.cursors = cursors;
        this.position = position;
    }

    /** The run as it is after every acknowledged command. */
    @GetMapping("/{id}")
    @Operation(operationId = "getRun", summary = "A run, as it is after every acknowledged command")
    public ResponseEntity<RunView> get(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        QueryParameters.none(parameters);
        RunView run = queries.handle(new FindRun(caller.project(), references.resolve(caller.project(), id)));
        return ResponseEntity.ok()
                .eTag("\"" + run.version() + "\"")
                .header(LEDGER_POSITION, Long.toString(run.position()))
                .body(run);
    }

    /** A page of the project's runs. */
    @GetMapping
    @RunListDocumentation
    public ResponseEntity<RunPage> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = "Wait, at most 5 seconds, until the list shows the ledger up to this position")
                    @RequestHeader(name = LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        RunListQuery query = RunListParameters.read(caller.project(), parameters, cursors);
        if (ledgerPosition != null) {
            position.await(wanted(ledgerPosition), LONGEST_WAIT);
        }
        RunPage page = list.page(query);
        String links = PageLinks.of("/v1/runs", parameters, page.next(), page.previous());
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links)).body(page);
    }

    private static long wanted(String header) {
        Long wanted = QueryParameters.parse(header);
        if (wanted == null || wanted < 0) {
            throw Problem.badRequest(LEDGER_POSITION, "must be a position, as in the header of an answer");
        }
        return wanted;
    }
}
