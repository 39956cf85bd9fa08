package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.query.run.ListedRunsFactory;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows events as they happen, as server-sent events. */
@RestController
@Tag(name = "Events")
public final class EventStreamController {

    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final String HISTORY_FROM = "The id of the last event that is known already; goes before after";

    private final EventReader reader;
    private final EventStreams streams;
    private final RunReferences references;
    private final ListedRunsFactory listedRuns;

    EventStreamController(
            EventReader reader, EventStreams streams, RunReferences references, ListedRunsFactory listedRuns) {
        this.reader = reader;
        this.streams = streams;
        this.references = references;
        this.listedRuns = listedRuns;
    }

    /** A run's events until it has ended. */
    @GetMapping(path = "/v1/runs/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(operationId = "listRunEvents")
    @ApiResponse(
            responseCode = "200",
            description = "id is the event's sequence number, event its type, data the event as JSON",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    @ApiResponse(responseCode = "204", description = "The run has ended and its last event is known: do not come back")
    public void ofRun(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = HISTORY_FROM) @RequestHeader(name = LAST_EVENT_ID, required = false) @Nullable
                    String lastEventId,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        EventParameters given = new EventParameters(parameters);
        boolean withTasks = given.withTasks();
        long start = withTasks ? EventParameters.LEDGER_START : EventParameters.RUN_START;
        long after = given.after(start, lastEventId);
        EventFilter filter = given.types();
        given.check();
        RunId run = references.resolve(caller.project(), id);
        EventReader.LastEvent last = reader.lastOf(caller.project(), run);
        if (last == null) {
            throw Problem.noSuchRun(run.toString());
        }
        boolean isOver = withTasks ? familyIsOver(run, last, after) : RunFeed.isOver(last, after);
        if (lastEventId != null && isOver) {
            // To a browser's EventSource this says what an empty stream would not: stop coming back.
            response.setStatus(HttpStatus.NO_CONTENT.value());
        } else if (!isHead(request)) {
            Feed feed = withTasks
                    ? new FamilyFeed(reader, run, last, filter, after)
                    : new RunFeed(reader, run, last, filter, after);
            streams.answer(feed, caller, response);
        }
    }

    private boolean familyIsOver(RunId run, EventReader.LastEvent last, long after) {
        EventFilter ofFamily = new EventFilter(List.of(), reader.family(last.project(), run), null);
        return RunEvent.ENDS.contains(last.type())
                && reader.ofProject(last.project(), after, reader.head(), ofFamily, EventReader.Bounds.ofEvents(1))
                        .events()
                        .isEmpty();
    }

    /** The project's events, for ever. */
    @GetMapping(path = "/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(operationId = "listEvents")
    @ApiResponse(
            responseCode = "200",
            description = "id is the event's position, event its type, data the event as JSON",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    public void ofProject(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = HISTORY_FROM) @RequestHeader(name = LAST_EVENT_ID, required = false) @Nullable
                    String lastEventId,
            @Parameter(hidden = true) HttpServletRequest request,
            @Parameter(hidden = true) HttpServletResponse response)
            throws IOException {
        EventParameters given = new EventParameters(parameters);
        long after = given.after(EventParameters.LEDGER_START, lastEventId);
        EventFilter filter = given.filter(caller.project(), reader, listedRuns);
        if (!isHead(request)) {
            streams.answer(new ProjectFeed(reader, caller.project(), filter, after), caller, response);
        }
    }

    /** A HEAD request comes here too, and would wait for ever for a body that nobody gets. */
    private static boolean isHead(HttpServletRequest request) {
        return HttpMethod.HEAD.matches(request.getMethod());
    }
}
