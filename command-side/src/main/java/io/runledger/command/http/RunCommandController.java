package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
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

/** The commands that runs take, one request each; every answer is the run as it is afterwards. */
@RestController
// Another media type would be read by another converter, which is not strict.
// An answer that the caller does not accept must be refused before the command is carried out.
@RequestMapping(
        path = "/v1/runs",
        consumes = MediaType.APPLICATION_JSON_VALUE,
        produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Runs")
class RunCommandController {

    static final String PREFER = "Prefer";

    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunReferences references;
    private final RunAnswers answers;
    private final LiveRuns live;

    RunCommandController(
            RunCommands commands,
            RunCommandFactory factory,
            RunReferences references,
            RunAnswers answers,
            LiveRuns live) {
        this.commands = commands;
        this.factory = factory;
        this.references = references;
        this.answers = answers;
        this.live = live;
    }

    @PostMapping
    @Operation(
            operationId = "createRun",
            summary = "Create a run; with inputs one of many items",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<RunView> create(@Parameter(hidden = true) Origin origin, @RequestBody Bodies.Create body) {
        try (body) {
            return created(commands.create(factory.create(answers.newId(origin), body, origin), body.inputs()), origin);
        }
    }

    /** With a preference; if it is not to wait, this is the same as without one. */
    @PostMapping(headers = PREFER)
    @Operation(
            operationId = "createRun",
            responses = {
                @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true),
                @ApiResponse(
                        responseCode = "200",
                        description = "With Prefer: wait=SECONDS: the run, which has ended",
                        useReturnTypeSchema = true),
                @ApiResponse(
                        responseCode = "202",
                        description = "With Prefer: wait=SECONDS: the run as it is when the time is up",
                        useReturnTypeSchema = true)
            })
    DeferredResult<ResponseEntity<RunView>> createAndWait(
            @Parameter(hidden = true) Origin origin,
            @Parameter(description = "wait=SECONDS: answer when the run has ended, or when the time is up")
                    @RequestHeader(name = PREFER, required = false)
                    String prefer,
            @RequestBody Bodies.Create body) {
        Integer seconds = live.seconds(prefer);
        if (seconds != null) {
            return live.create(body, seconds, origin);
        }
        DeferredResult<ResponseEntity<RunView>> answer = new DeferredResult<>();
        answer.setResult(create(origin, body));
        return answer;
    }

    @PostMapping("/{id}/rerun")
    @Operation(
            operationId = "rerunRun",
            summary = "Create a run with the target, the input and the options of this one, but for what the body says",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<RunView> rerun(
            @PathVariable("id") String run,
            @RequestBody(required = false) LiveBodies.@Nullable Rerun body,
            @Parameter(hidden = true) Origin origin) {
        RunView before = answers.read(references.resolve(origin.caller().project(), run, "id"), origin);
        if (origin.ifVersion() != null && origin.ifVersion() != before.version()) {
            throw new Problem(ProblemCode.VERSION_MISMATCH, "The run's version is " + before.version() + ".");
        }
        LiveBodies.Rerun given = body == null ? (LiveBodies.Rerun) answers.emptyBody(LiveBodies.Rerun.class) : body;
        return created(commands.send(factory.rerun(answers.newId(origin), given, before, origin)), origin);
    }

    private ResponseEntity<RunView> created(Outcome outcome, Origin origin) {
        RunView run = answers.read(outcome, origin);
        URI location = URI.create("/v1/runs/" + run.id());
        return answers.headers(ResponseEntity.created(location), run).body(run);
    }

    @PostMapping("/{id}/start")
    @Operation(
            operationId = "startRun",
            summary = "Start the next attempt; with lease_seconds only the holder of the lease_token may report")
    ResponseEntity<StartedRun> start(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Start body,
            @Parameter(hidden = true) Origin origin) {
        Outcome outcome = send(CommandName.START, run, body, origin);
        RunView view = answers.read(outcome, origin);
        return answers.headers(ResponseEntity.ok(), view).body(new StartedRun(view, answers.leaseToken(outcome)));
    }

    @PostMapping("/{id}/progress")
    @Operation(operationId = "reportProgress", summary = "Report how far the attempt is, or save a checkpoint")
    ResponseEntity<RunView> progress(
            @PathVariable("id") String run,
            @RequestBody Bodies.Progress body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.PROGRESS, run, body, origin);
    }

    @PostMapping("/{id}/events")
    @Operation(operationId = "noteRun", summary = "Write a note into the run's own stream")
    ResponseEntity<RunView> note(
            @PathVariable("id") String run, @RequestBody Bodies.Note body, @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.NOTE, run, body, origin);
    }

    @PostMapping("/{id}/artifacts")
    @Operation(operationId = "addArtifact", summary = "Add a reference to something that the run produced")
    ResponseEntity<RunView> addArtifact(
            @PathVariable("id") String run,
            @RequestBody Bodies.AddArtifact body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.ADD_ARTIFACT, run, body, origin);
    }

    @PostMapping("/{id}/finish")
    @Operation(operationId = "finishRun", summary = "Say that the work is done and the results are being put together")
    ResponseEntity<RunView> finish(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Reason body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.FINISH, run, body, origin);
    }

    @PostMapping("/{id}/complete")
    @Operation(operationId = "completeRun", summary = "End the run with success")
    ResponseEntity<RunView> complete(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Complete body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.COMPLETE, run, body, origin);
    }

    @PostMapping("/{id}/fail")
    @Operation(
            operationId = "failRun",
            summary = "End the attempt with an error; the run is queued again while attempts are left")
    ResponseEntity<RunView> fail(
            @PathVariable("id") String run, @RequestBody Bodies.Fail body, @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.FAIL, run, body, origin);
    }

    @PostMapping("/{id}/stop")
    @Operation(operationId = "stopRun", summary = "Pause the run; it keeps its checkpoint and may be resumed")
    ResponseEntity<RunView> stop(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Reason body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.STOP, run, body, origin);
    }

    @PostMapping("/{id}/resume")
    @Operation(operationId = "resumeRun", summary = "Let a stopped, failed or partially succeeded run go on")
    ResponseEntity<RunView> resume(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Resume body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.RESUME, run, body, origin);
    }

    @PostMapping("/{id}/cancel")
    @Operation(operationId = "cancelRun", summary = "End the run for good")
    ResponseEntity<RunView> cancel(
            @PathVariable("id") String run,
            @RequestBody(required = false) Bodies.@Nullable Reason body,
            @Parameter(hidden = true) Origin origin) {
        return answer(CommandName.CANCEL, run, body, origin);
    }

    private ResponseEntity<RunView> answer(CommandName name, String run, @Nullable Record body, Origin origin) {
        Outcome outcome = send(name, run, body, origin);
        RunView view = answers.read(outcome, origin);
        return answers.headers(ResponseEntity.ok(), view).body(view);
    }

    private Outcome send(CommandName name, String run, @Nullable Record body, Origin origin) {
        RunId id = references.resolve(origin.caller().project(), run, "id");
        Record given = body == null ? answers.emptyBody(name.bodyType()) : body;
        RunCommand command = name.command(factory, id, given, origin);
        return commands.send(command);
    }
}
