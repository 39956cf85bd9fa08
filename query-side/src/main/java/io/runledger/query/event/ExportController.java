package io.runledger.query.event;

import io.runledger.api.Caller;
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

/** Gives a project's ledger away, whole or from where the last export ended. */
@RestController
@Tag(name = "Events")
public final class ExportController {

    private static final Logger LOG = LoggerFactory.getLogger(ExportController.class);
    private static final String NDJSON = "application/x-ndjson";
    private static final String EVENTS = "events";

    private final EventReader reader;
    private final EventExport export;

    ExportController(EventReader reader, EventExport export) {
        this.reader = reader;
        this.export = export;
    }

    /** All events up to now, one a line. */
    @GetMapping(path = "/v1/export", produces = NDJSON)
    @Operation(
            operationId = "exportEvents",
            summary = "The project's events up to now, one JSON object a line",
            description = "The last line is {\"end\": true, \"events\": how many, \"next\": what to give as after next"
                    + " time}. Without that line the export broke off: go on after the position of the last event you"
                    + " have.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "what",
            description = "What to export",
            schema = @Schema(allowableValues = EVENTS, defaultValue = EVENTS))
    @EventDocumentation.Types
    @EventDocumentation.Runs
    @EventDocumentation.AfterPosition
    @ApiResponse(responseCode = "200", content = @Content(mediaType = NDJSON, schema = @Schema(type = "string")))
    public void events(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        EventParameters given = new EventParameters(parameters);
        given.others().value("what", "must be " + EVENTS, text -> text.equals(EVENTS) ? text : null);
        long after = given.after(EventParameters.LEDGER_START);
        EventFilter filter = given.filter(caller.project(), reader);
        response.setContentType(NDJSON);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        try {
            export.write(caller.project(), filter, after, response.getOutputStream());
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
