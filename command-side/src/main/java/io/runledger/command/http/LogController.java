package io.runledger.command.http;

import io.runledger.api.RunId;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.log.RunLogs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Takes what runs log; who may see a run may log for it, whatever its status. */
@RestController
@Tag(name = "Logs")
class LogController {

    private final RunLogs logs;
    private final RunReferences references;

    LogController(RunLogs logs, RunReferences references) {
        this.logs = logs;
        this.references = references;
    }

    /** Which lines were added: {@code lines} of them, the first with the number {@code first}. */
    @Schema(name = "AppendedLines")
    record Appended(int first, int lines) {}

    @PostMapping(
            path = "/v1/runs/{id}/logs",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(
            operationId = "appendLogs",
            summary = "Add lines to the run's log, all of them or none",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            array =
                                                    @ArraySchema(
                                                            minItems = 1,
                                                            maxItems = LogBodies.MAX_LINES,
                                                            schema = @Schema(implementation = LogBodies.Line.class)))),
            responses = @ApiResponse(responseCode = "201", description = "Added", useReturnTypeSchema = true))
    Appended append(
            @PathVariable("id") String run,
            @RequestBody LogBodies.Lines body,
            @Parameter(hidden = true) Origin origin) {
        String project = origin.caller().project();
        RunId id = references.resolve(project, run, "id");
        List<RunLogs.Line> lines = body.checked();
        return new Appended(logs.append(project, id, lines, origin.claim()), lines.size());
    }
}
