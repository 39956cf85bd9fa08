package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.query.http.PageLinks;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.run.ListedRunsFactory;
import io.runledger.query.run.RunFilterDocumentation;
import io.runledger.query.run.RunReferences;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows events, page by page, and whether nobody touched them. */
@RestController
@Tag(name = "Events")
public final class EventController {

    private final EventReader reader;
    private final EventQueries events;
    private final ChainVerifier verifier;
    private final RunReferences references;
    private final ListedRunsFactory listedRuns;

    EventController(
            EventReader reader, ChainVerifier verifier, RunReferences references, ListedRunsFactory listedRuns) {
        this.reader = reader;
        this.events = new EventQueries(reader);
        this.verifier = verifier;
        this.references = references;
        this.listedRuns = listedRuns;
    }

    /** A page of a run's events, in order. */
    @GetMapping("/v1/runs/{id}/events")
    @Operation(
            operationId = "listRunEvents",
            summary = "A run's events, in order",
            description = "With Accept: text/event-stream they come as they happen: history from Last-Event-ID, or"
                    + " after, then live until the run has ended. With Accept: application/cloudevents-batch+json they"
                    + " are CloudEvents, and the header Link says where the next page is. With include=tasks the events"
                    + " of its tasks are among them, all in order of position; after and Last-Event-ID, next and the"
                    + " ids of a stream are then positions.")
    @EventDocumentation.Types
    @EventDocumentation.Tasks
    @EventDocumentation.AfterSequence
    @EventDocumentation.Limit
    public EventPage ofRun(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        EventParameters given = new EventParameters(parameters);
        boolean withTasks = given.withTasks();
        long after = given.after(withTasks ? EventParameters.LEDGER_START : EventParameters.RUN_START);
        EventFilter filter = given.types();
        int limit = given.limit();
        given.check();
        if (withTasks) {
            return events.ofFamily(caller.project(), references.resolve(caller.project(), id), after, filter, limit);
        }
        return events.ofRun(caller.project(), references.resolve(caller.project(), id), after, filter, limit);
    }

    /** The same page as CloudEvents. */
    @GetMapping(path = "/v1/runs/{id}/events", produces = CloudEvent.BATCH)
    @Operation(operationId = "listRunEvents")
    public ResponseEntity<List<CloudEvent>> ofRunAsCloudEvents(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(hidden = true) HttpServletRequest request) {
        return batch(caller.project(), ofRun(caller, id, parameters), parameters, request);
    }

    /** A page of the project's whole ledger, in order. */
    @GetMapping("/v1/events")
    @Operation(
            operationId = "listEvents",
            summary = "The project's whole ledger, in order of position",
            description = "A page may be short, or empty, while has_more is true: read on after next. With filters of"
                    + " runs it holds the events of the runs that GET /v1/runs shows with the same filters: each run is"
                    + " judged as it is when its event is looked at, which is soon after the event in a stream, and now"
                    + " in a page or in the history of a stream. Child runs are left out only when there are such"
                    + " filters other than id, run_id and key. With Accept: text/event-stream the events come as they happen: history from Last-Event-ID, or after, then"
                    + " live. With Accept: application/cloudevents-batch+json they are CloudEvents, and the header Link"
                    + " says where the next page is.")
    @EventDocumentation.Types
    @RunFilterDocumentation
    @EventDocumentation.Runs
    @EventDocumentation.AfterPosition
    @EventDocumentation.Limit
    public EventPage ofProject(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        EventParameters given = new EventParameters(parameters);
        long after = given.after(EventParameters.LEDGER_START);
        int limit = given.limit();
        EventFilter filter = given.filter(caller.project(), reader, listedRuns);
        return events.ofProject(caller.project(), after, filter, limit);
    }

    /** The same page as CloudEvents. */
    @GetMapping(path = "/v1/events", produces = CloudEvent.BATCH)
    @Operation(operationId = "listEvents")
    public ResponseEntity<List<CloudEvent>> ofProjectAsCloudEvents(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(hidden = true) HttpServletRequest request) {
        return batch(caller.project(), ofProject(caller, parameters), parameters, request);
    }

    private static ResponseEntity<List<CloudEvent>> batch(
            String project, EventPage page, MultiValueMap<String, String> parameters, HttpServletRequest request) {
        List<CloudEvent> batch =
                page.data().stream().map(event -> CloudEvent.of(project, event)).toList();
        String next = page.hasMore() && page.next() != null ? page.next().toString() : null;
        String links = PageLinks.of(request.getRequestURI(), parameters, next, null);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links)).body(batch);
    }

    /** Whether the run's history is as it was written. */
    @GetMapping("/v1/runs/{id}/verify")
    @Operation(operationId = "verifyRun", summary = "Computes the run's hash chain again")
    public Verification verify(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        QueryParameters.none(parameters);
        return verifier.verify(caller.project(), references.resolve(caller.project(), id));
    }
}
