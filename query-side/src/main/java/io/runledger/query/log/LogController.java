package io.runledger.query.log;

import io.runledger.api.AwaitRunEnd;
import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.event.RunEndings;
import io.runledger.query.event.SseStreams;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.log.LogFollowers.Follower;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Shows what runs log, page by page or as it comes. */
@RestController
@Tag(name = "Logs")
public final class LogController {

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    /** How long one wait for the end of a run takes at most; who has gone is forgotten after it. */
    private static final Duration WAIT = Duration.ofSeconds(15);

    private final LogReader reader;
    private final LogFollowers followers;
    private final Runs runs;
    private final SseStreams streams;
    private final Printing printing;

    /** What is asked about the runs themselves. */
    record Runs(RunReferences references, RunQueries queries, RunEndings endings) {}

    /** What answers are made with. */
    record Printing(Cursors cursors, JsonMapper mapper) {}

    LogController(LogReader reader, LogFollowers followers, Runs runs, SseStreams streams, Printing printing) {
        this.reader = reader;
        this.followers = followers;
        this.runs = runs;
        this.streams = streams;
        this.printing = printing;
    }

    /** A page of a run's log. */
    @GetMapping("/v1/runs/{id}/logs")
    @Operation(
            operationId = "listLogs",
            summary = "The run's log, in order",
            description = "With Accept: text/event-stream the lines come as they are logged: those there are, from"
                    + " Last-Event-ID or after, then live until the run has ended.")
    @PageDocumentation
    public ResponseEntity<Page<LogLine>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        RunId run = runs.references().resolve(caller.project(), id);
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, printing.cursors(), identity(caller, run));
        parameters.check();
        runs.queries().handle(FindRun.latest(caller.project(), run));
        int place = request.place() == null ? LogReader.START : Integer.parseInt(request.place());
        List<LogLine> lines = request.backwards()
                ? reader.before(caller.project(), run, place, request.rows())
                : reader.after(caller.project(), run, place, request.rows());
        return request.page(lines, line -> Integer.toString(line.number())).answer("/v1/runs/" + run + "/logs", given);
    }

    /** A run's log until the run has ended. */
    @GetMapping(path = "/v1/runs/{id}/logs", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(operationId = "listLogs")
    @ApiResponse(
            responseCode = "200",
            description = "id is the line's number, event is log, data the line as JSON",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    @ApiResponse(responseCode = "204", description = "The run has ended and its last line is known: do not come back")
    public void follow(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given,
            @Parameter(description = "The id of the last line that is known already; goes before after")
                    @RequestHeader(name = LAST_EVENT_ID, required = false)
                    @Nullable
                    String lastEventId,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        RunId run = runs.references().resolve(caller.project(), id);
        QueryParameters parameters = new QueryParameters(given);
        String after = parameters.value(
                "after",
                "is not a cursor of this list",
                text -> printing.cursors().read(identity(caller, run), text));
        int last = last(parameters, after, lastEventId);
        parameters.check();
        RunView now = runs.queries().handle(FindRun.latest(caller.project(), run));
        boolean over = now.status().isEnd()
                && reader.after(caller.project(), run, last, 1).isEmpty();
        if (lastEventId != null && over) {
            // To a browser's EventSource this says what an empty stream would not: stop coming back.
            response.setStatus(HttpStatus.NO_CONTENT.value());
        } else if (!HttpMethod.HEAD.matches(request.getMethod())) {
            AwaitRunEnd end = new AwaitRunEnd(caller.project(), run, WAIT);
            try (Follower follower = followers.follow(caller.project(), run)) {
                streams.answer(
                        new LogStream(reader, follower, () -> runs.endings().handle(end), printing.mapper(), last),
                        caller,
                        response);
            }
        }
    }

    private static int last(QueryParameters parameters, @Nullable String after, @Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.isEmpty()) {
            return after == null ? LogReader.START : Integer.parseInt(after);
        }
        Long known = QueryParameters.parse(lastEventId);
        if (known == null || known < 0 || known > Integer.MAX_VALUE) {
            parameters.error(LAST_EVENT_ID, "must be the id of a line of this stream");
            return LogReader.START;
        }
        return known.intValue();
    }

    private static String identity(Caller caller, RunId run) {
        return "logs " + caller.project() + " " + run;
    }
}
