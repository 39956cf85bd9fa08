package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** Runs of actions, by the action's name alone. */
@RestController
@RequestMapping(
        path = "/v1/actions/{name}",
        consumes = MediaType.APPLICATION_JSON_VALUE,
        produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Actions")
class ActionController {

    private final LiveRuns live;
    private final RunCommandController runs;

    ActionController(LiveRuns live, RunCommandController runs) {
        this.live = live;
        this.runs = runs;
    }

    @PostMapping("/live")
    @Operation(
            operationId = "runActionLive",
            summary = "Run the action and wait for its end",
            responses = {
                @ApiResponse(
                        responseCode = "200",
                        description = "The run, which has ended",
                        useReturnTypeSchema = true),
                @ApiResponse(
                        responseCode = "202",
                        description = "The run as it is when the time is up",
                        useReturnTypeSchema = true)
            })
    DeferredResult<ResponseEntity<RunView>> live(
            @PathVariable("name") String name,
            @RequestBody LiveBodies.LiveAction body,
            @Parameter(description = "wait=SECONDS: how long; as long as this ledger allows when absent")
                    @RequestHeader(name = RunCommandController.PREFER, required = false)
                    @Nullable
                    String prefer,
            @Parameter(hidden = true) Origin origin) {
        Integer seconds = prefer == null ? null : live.seconds(prefer);
        return live.create(body.create(action(name)), seconds == null ? live.mostSeconds() : seconds, origin);
    }

    @PostMapping("/async")
    @Operation(
            operationId = "runActionAsync",
            summary =
                    "Run the action for each of these inputs, as the items of one run; large ones go to POST /v1/runs",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<RunView> async(
            @PathVariable("name") String name,
            @RequestBody LiveBodies.AsyncAction body,
            @Parameter(hidden = true) Origin origin) {
        return runs.create(origin, body.create(action(name)));
    }

    @PostMapping("/schedule")
    @Operation(
            operationId = "scheduleAction",
            summary = "Not possible yet: schedules come later",
            responses = @ApiResponse(responseCode = "501", description = "Schedules are not there yet"))
    void schedule(@PathVariable("name") String name) {
        throw new Problem(
                ProblemCode.NOT_IMPLEMENTED,
                "Schedules are not there yet; " + action(name) + " can be created with run_at for one later start.");
    }

    private static Target action(String name) {
        Target target = Target.parse("action:" + name);
        if (target == null) {
            throw Problem.badRequest("name", "is not the name of an action");
        }
        return target;
    }
}
