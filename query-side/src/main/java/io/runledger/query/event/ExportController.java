package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.query.http.Lines;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.run.AsOfDocumentation;
import io.runledger.query.run.ListedRunsFactory;
import io.runledger.query.run.RunExports;
import io.runledger.query.run.RunFilterDocumentation;
import io.runledger.query.run.RunLines;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Gives a project's events or runs away, whole or from where the last export ended. */
@RestController
@Tag(name = "Events")
public final class ExportController {

    private static final Logger LOG = LoggerFactory.getLogger(ExportController.class);
    private static final String NDJSON = "application/x-ndjson";
    private static final String EVENTS = "events";
    private static final String RUNS = "runs";

    private final Export export;
    private final EventReader reader;
    private final ListedRunsFactory listedRuns;
    private final RunExports runs;

    ExportController(Export export, EventReader reader, ListedRunsFactory listedRuns, RunExports runs) {
        this.export = export;
        this.reader = reader;
        this.listedRuns = listedRuns;
        this.runs = runs;
    }

    /** All events up to now, or all runs as they are or were, one a line. */
    @GetMapping(path = "/v1/export", produces = NDJSON)
    @Operation(
            operationId = "export",
            summary = "The project's events or runs, one JSON object a line",
            description = "Events come up to the last one there is now, in order of position, with the filters of GET"
                    + " /v1/events; the last line is {\"end\": true, \"events\": how many, \"next\": what to give as"
                    + " after next time}. Runs come as they were at one position of the ledger, in order of their"
                    + " creation, with the filters of GET /v1/runs; the header Ledger-Position names the position, and"
                    + " the last line is {\"end\": true, \"runs\": how many, \"position\": that position, \"next\": the"
                    + " last run's id}. Without a last line the export broke off. Then go on after the last line you"
                    + " have, with after: events after its position; runs after its id, and with as_of=position: and"
                    + " the number in Ledger-Position, so that both parts show the same moment.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "what",
            description = "What to export",
            schema =
                    @Schema(
                            allowableValues = {EVENTS, RUNS},
                            defaultValue = EVENTS))
    @EventDocumentation.Types
    @RunFilterDocumentation
    @EventDocumentation.Runs
    @AsOfDocumentation
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The position up to which the events are known already; of runs, the id of the last one that"
                    + " is known already",
            schema = @Schema(type = "string"))
    @ApiResponse(responseCode = "200", content = @Content(mediaType = NDJSON, schema = @Schema(type = "string")))
    public void export(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        QueryParameters parameters = new QueryParameters(given);
        String what = parameters.value(
                "what", "must be events or runs", text -> text.equals(EVENTS) || text.equals(RUNS) ? text : null);
        Lines lines;
        if (RUNS.equals(what)) {
            RunLines asOf = runs.read(caller.project(), parameters);
            response.setHeader("Ledger-Position", Long.toString(asOf.position()));
            lines = asOf;
        } else {
            lines = events(caller.project(), new EventParameters(parameters));
        }
        response.setContentType(NDJSON);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        write(caller, lines, response);
    }

    private EventLines events(String project, EventParameters given) {
        long after = given.after(EventParameters.LEDGER_START);
        return new EventLines(reader, project, given.filter(project, reader, listedRuns), after);
    }

    private void write(Caller caller, Lines lines, HttpServletResponse response) throws IOException {
        try {
            export.write(lines, caller, response.getOutputStream());
        } catch (DataAccessException e) {
            if (!response.isCommitted()) {
                throw e;
            }
            LOG.warn("an export of {} broke off: {}", caller.project(), e.getMessage());
        } catch (IOException e) {
            LOG.debug("client gone", e);
        }
    }
}
