package io.runledger.command.http;

import io.runledger.command.http.RunCommandFactory.Origin;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Takes any number of commands in one request, and answers while it reads. */
@RestController
@Tag(name = "Commands in bulk")
class CommandStreamController {

    static final String NDJSON = "application/x-ndjson";

    private static final String MINIMAL = "return=minimal";

    private final CommandStreams streams;

    CommandStreamController(CommandStreams streams) {
        this.streams = streams;
    }

    @PostMapping(path = "/v1/commands", consumes = NDJSON, produces = NDJSON)
    @Operation(
            operationId = "giveCommands",
            summary = "Give many commands, one JSON object a line",
            description = "Lines of one run are applied in order, different runs side by side. One answer line each, in"
                    + " order; with Prefer: return=minimal only the refused lines and a last line with counts. Read"
                    + " while you write.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            required = true,
                            content = @Content(mediaType = NDJSON, schema = @Schema(type = "string"))),
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            content = @Content(mediaType = NDJSON, schema = @Schema(type = "string"))))
    void commands(
            @Parameter(hidden = true) Origin origin,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        JsonBodyConverter.requirePlainUtf8(new ServletServerHttpRequest(request).getHeaders());
        List<String> preferences = Collections.list(request.getHeaders("Prefer"));
        boolean minimal = preferences.stream()
                .flatMap(line -> List.of(line.split(",")).stream())
                .anyMatch(preference -> preference.strip().equals(MINIMAL));
        response.setContentType(NDJSON);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (minimal) {
            response.setHeader("Preference-Applied", MINIMAL);
        }
        streams.run(request.getInputStream(), response.getOutputStream(), origin, minimal);
    }
}
