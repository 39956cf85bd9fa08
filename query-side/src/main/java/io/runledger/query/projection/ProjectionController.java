package io.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Operates the views: how they stand, rebuild, rollback, dead letters. */
@RestController
@RequestMapping("/v1/projections")
@Tag(name = "Projections")
public final class ProjectionController {

    private static final int LONGEST_PAGE = 100;

    private final ProjectionMonitor monitor;
    private final ViewStore store;
    private final Rebuilder rebuilder;
    private final DeadLetterRetry retry;

    ProjectionController(ProjectionMonitor monitor, ViewStore store, Rebuilder rebuilder, DeadLetterRetry retry) {
        this.monitor = monitor;
        this.store = store;
        this.rebuilder = rebuilder;
        this.retry = retry;
    }

    /** The endpoints of this view. */
    public static ProjectionController of(
            ProjectionMonitor monitor, ViewStore store, Rebuilder rebuilder, EventStore events) {
        return new ProjectionController(monitor, store, rebuilder, new DeadLetterRetry(store, events));
    }

    /** All views. */
    public record Projections(List<ProjectionState> data) {}

    /** A page of parked runs; {@code next} is the cursor of the next page. */
    public record Letters(
            List<DeadLetter> data,
            @JsonProperty("has_more") boolean hasMore,
            @Nullable RunId next) {}

    /** How every view stands. */
    @GetMapping
    @Operation(operationId = "listProjections", summary = "The views: how far each is, and how it stands")
    public Projections list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        QueryParameters.none(parameters);
        return new Projections(List.of(monitor.state(caller.project())));
    }

    /** Builds the view again beside the one that serves. */
    @PostMapping("/{name}/rebuild")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(operationId = "rebuildProjection", summary = "Build a view again from the first event, while it serves")
    public ProjectionState rebuild(@Parameter(hidden = true) Caller caller, @PathVariable String name) {
        known(name);
        store.rebuilds().request();
        rebuilder.wake();
        return monitor.state(caller.project());
    }

    /** Gives up the rebuild, or rollback, under way. */
    @DeleteMapping("/{name}/rebuild")
    @Operation(operationId = "giveUpRebuild", summary = "Give up the rebuild or rollback under way")
    public ProjectionState giveUp(@Parameter(hidden = true) Caller caller, @PathVariable String name) {
        known(name);
        store.rebuilds().giveUp();
        rebuilder.wake();
        return monitor.state(caller.project());
    }

    /** Lets the previous generation serve again, once it has caught up. */
    @PostMapping("/{name}/rollback")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(
            operationId = "rollBackProjection",
            summary = "Go back to the previous generation, once it has caught up")
    public ProjectionState rollBack(@Parameter(hidden = true) Caller caller, @PathVariable String name) {
        known(name);
        store.rebuilds().requestRollback();
        rebuilder.wake();
        return monitor.state(caller.project());
    }

    /** Drops the previous generation: after this there is no way back to it. */
    @DeleteMapping("/{name}/previous")
    @Operation(operationId = "dropPreviousGeneration", summary = "Drop the previous generation, which a rollback needs")
    public ProjectionState dropPrevious(@Parameter(hidden = true) Caller caller, @PathVariable String name) {
        known(name);
        store.rebuilds().dropPrevious();
        return monitor.state(caller.project());
    }

    /** The project's runs that the view could not follow. */
    @GetMapping("/{name}/dead-letters")
    @Operation(operationId = "listDeadLetters", summary = "The runs that the view could not follow, and why")
    @Parameter(name = "limit", description = "1 to 100, 10 by default")
    @Parameter(name = "after", description = "the cursor of the page before")
    public Letters deadLetters(
            @Parameter(hidden = true) Caller caller,
            @PathVariable String name,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        known(name);
        QueryParameters parameters = new QueryParameters(given);
        int limit = (int) parameters.number("limit", 10, 1, LONGEST_PAGE);
        RunId after = parameters.value("after", "must be the cursor of a page of this list", RunId::parse);
        parameters.check();
        int generation = store.generations().serving().generation();
        List<DeadLetter> found = store.letters().page(generation, caller.project(), after, limit + 1);
        List<DeadLetter> page = found.subList(0, Math.min(limit, found.size()));
        boolean more = found.size() > limit;
        return new Letters(page, more, more ? page.getLast().runId() : null);
    }

    /** Tries parked runs again: one, or all of the project. */
    @PostMapping("/{name}/dead-letters/retry")
    @Operation(operationId = "retryDeadLetters", summary = "Fold parked runs again from their first event")
    @Parameter(name = "run", description = "only this run")
    public DeadLetterRetry.Result retry(
            @Parameter(hidden = true) Caller caller,
            @PathVariable String name,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        known(name);
        QueryParameters parameters = new QueryParameters(given);
        RunId run = parameters.value("run", "must be a run's id", RunId::parse);
        parameters.check();
        return run == null ? retry.all(caller.project()) : retry.one(caller.project(), run);
    }

    private void known(String name) {
        if (!name.equals(monitor.name())) {
            throw new Problem(ProblemCode.NOT_FOUND, "There is no projection " + name + ".");
        }
    }
}
