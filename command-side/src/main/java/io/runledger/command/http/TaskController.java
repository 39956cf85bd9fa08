package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunView;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.RunCommands;
import io.runledger.command.task.TaskCoordinator;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Makes single tasks, each in a run of its own. */
@RestController
@RequestMapping(
        path = "/v1/tasks",
        consumes = MediaType.APPLICATION_JSON_VALUE,
        produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Tasks")
class TaskController {

    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunAnswers answers;
    private final TaskCoordinator coordinator;

    TaskController(RunCommands commands, RunCommandFactory factory, RunAnswers answers, TaskCoordinator coordinator) {
        this.commands = commands;
        this.factory = factory;
        this.answers = answers;
        this.coordinator = coordinator;
    }

    @PostMapping
    @Operation(
            operationId = "createTask",
            summary = "Create a run that is made of this one task; answers with the task",
            description = "The task's parent_id is the run's id. A task that depends on others, or has a condition, is"
                    + " made with its run: POST /v1/runs with tasks.",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<RunView> create(@Parameter(hidden = true) Origin origin, @RequestBody SingleTask body) {
        factory.requireFit(body, origin);
        RunId parent = commands.send(factory.create(answers.newId(origin), body.create(), RunMode.ASYNC, null, origin))
                .runId();
        // Whoever else is at it comes to the same task.
        coordinator.carryOut(parent);
        RunView run = answers.read(parent, origin);
        if (run.tasks().isEmpty()) {
            throw new Problem(
                    ProblemCode.CONFLICT,
                    "This key and command_id have made the run " + parent + " already, which is not made of tasks.");
        }
        RunId id = run.tasks().getFirst().id();
        RunView task = answers.read(id == null ? parent : id, origin);
        return answers.headers(ResponseEntity.created(URI.create("/v1/tasks/" + task.id())), task)
                .body(task);
    }
}
