package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.run.RunReferences;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows events, and whether nobody touched them. */
@RestController
@Tag(name = "Events")
public final class EventController {

    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 1_000;

    private final EventQueries events;
    private final ChainVerifier verifier;
    private final RunReferences references;

    EventController(EventQueries events, ChainVerifier verifier, RunReferences references) {
        this.events = events;
        this.verifier = verifier;
        this.references = references;
    }

    /** What a question about events may carry. */
    private record Wanted(List<String> types, long after, int limit) {

        static Wanted read(MultiValueMap<String, String> given, long start) {
            QueryParameters parameters = new QueryParameters(given);
            Wanted wanted =
                    new Wanted(parameters.texts("type"), parameters.number("after", start, start, Long.MAX_VALUE), (int)
                            parameters.number("limit", DEFAULT_LIMIT, 1, MOST));
            parameters.check();
            return wanted;
        }
    }

    /** A page of a run's events, in order. */
    @GetMapping("/v1/runs/{id}/events")
    @Operation(operationId = "listRunEvents", summary = "A run's events, in order")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "type",
            description = "Events of this type; repeat it for alternatives",
            array = @ArraySchema(schema = @Schema(type = "string")))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The sequence number of the last event that is known already",
            schema = @Schema(type = "integer", format = "int64", minimum = "-1"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            description = "How many events a page has at most",
            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
    public EventPage ofRun(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        Wanted wanted = Wanted.read(parameters, -1);
        return events.ofRun(
                caller.project(),
                references.resolve(caller.project(), id),
                wanted.after(),
                wanted.types(),
                wanted.limit());
    }

    /** A page of the project's whole ledger, in order. */
    @GetMapping("/v1/events")
    @Operation(
            operationId = "listEvents",
            summary = "The project's whole ledger, in order of position",
            description = "A page may be short, or empty, while has_more is true: read on after next.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "type",
            description = "Events of this type; repeat it for alternatives",
            array = @ArraySchema(schema = @Schema(type = "string")))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The position up to which the events are known already",
            schema = @Schema(type = "integer", format = "int64", minimum = "0"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            description = "How many events a page has at most",
            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
    public EventPage ofProject(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        Wanted wanted = Wanted.read(parameters, 0);
        return events.ofProject(caller.project(), wanted.after(), wanted.types(), wanted.limit());
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
