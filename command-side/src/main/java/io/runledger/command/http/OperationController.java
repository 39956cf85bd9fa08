package io.runledger.command.http;

import io.runledger.api.Caller;
import io.runledger.api.FieldError;
import io.runledger.api.FindRuns;
import io.runledger.api.FoundRuns;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Ulid;
import io.runledger.command.http.OperationBodies.Bulk;
import io.runledger.command.http.OperationBodies.BulkRerun;
import io.runledger.command.http.OperationBodies.Page;
import io.runledger.command.http.OperationBodies.Preview;
import io.runledger.command.http.OperationBodies.Sample;
import io.runledger.command.http.OperationBodies.Wanted;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.operation.BulkCommand;
import io.runledger.command.operation.Operation;
import io.runledger.command.operation.OperationDispatcher;
import io.runledger.command.operation.OperationSettings;
import io.runledger.command.operation.Operations;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Bulk operations: asks for one, shows how far it is, ends it. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Operations")
class OperationController {

    private static final int SAMPLE = 10;
    private static final int DEFAULT_LIMIT = 10;
    private static final int MOST = 100;

    private final Operations operations;
    private final OperationDispatcher dispatcher;
    private final OperationSettings settings;
    private final RunAnswers answers;

    OperationController(
            Operations operations, OperationDispatcher dispatcher, OperationSettings settings, RunAnswers answers) {
        this.operations = operations;
        this.dispatcher = dispatcher;
        this.settings = settings;
        this.answers = answers;
    }

    /** What every request for an operation is answered. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(
            responseCode = "202",
            description = "The operation, which is carried out from now on",
            content = @Content(schema = @Schema(implementation = Operation.class)))
    @ApiResponse(
            responseCode = "200",
            description = "With dry_run: what the operation would be about; nothing was done",
            content = @Content(schema = @Schema(implementation = Preview.class)))
    private @interface Answers {}

    @PostMapping(path = "/v1/runs/bulk/cancel", consumes = MediaType.APPLICATION_JSON_VALUE)
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "cancelRuns",
            summary = "End all runs that a filter wants, for good")
    @Answers
    ResponseEntity<?> cancelRuns(@RequestBody Bulk body, @Parameter(hidden = true) Origin origin) {
        return open(BulkCommand.CANCEL, body, origin);
    }

    @PostMapping(path = "/v1/runs/bulk/stop", consumes = MediaType.APPLICATION_JSON_VALUE)
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "stopRuns",
            summary = "Pause all runs that a filter wants; they may be resumed")
    @Answers
    ResponseEntity<?> stopRuns(@RequestBody Bulk body, @Parameter(hidden = true) Origin origin) {
        return open(BulkCommand.STOP, body, origin);
    }

    @PostMapping(path = "/v1/runs/bulk/resume", consumes = MediaType.APPLICATION_JSON_VALUE)
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "resumeRuns",
            summary = "Let all runs that a filter wants go on")
    @Answers
    ResponseEntity<?> resumeRuns(@RequestBody Bulk body, @Parameter(hidden = true) Origin origin) {
        return open(BulkCommand.RESUME, body, origin);
    }

    @PostMapping(path = "/v1/runs/bulk/rerun", consumes = MediaType.APPLICATION_JSON_VALUE)
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "rerunRuns",
            summary = "Create a run like it for each run that a filter wants")
    @Answers
    ResponseEntity<?> rerunRuns(@RequestBody BulkRerun body, @Parameter(hidden = true) Origin origin) {
        return open(BulkCommand.RERUN, body, origin);
    }

    private ResponseEntity<?> open(BulkCommand command, Wanted wanted, Origin origin) {
        String project = origin.caller().project();
        boolean isDryRun = Boolean.TRUE.equals(wanted.dryRun());
        String commandId = origin.commandId(wanted.commandId());
        Operation before = isDryRun ? null : operations.given(project, commandId);
        if (before != null) {
            return accepted(before);
        }
        FoundRuns found = answers.ask(
                new FindRuns(project, wanted.filter(), isDryRun ? SAMPLE : 0, settings.mostRuns()), FoundRuns.class);
        settings.requireNotTooMany(found.total());
        if (isDryRun) {
            List<Sample> sample = found.sample().stream().map(Sample::of).toList();
            return ResponseEntity.ok(new Preview(found.total(), found.position(), sample));
        }
        Operation opened = operations.open(
                new Operations.Wish(
                        answers.newId(origin).value(),
                        command,
                        wanted.filter(),
                        wanted.reason(),
                        commandId,
                        found.position(),
                        found.total()),
                origin.caller(),
                origin.requestId());
        dispatcher.call();
        return accepted(opened);
    }

    private static ResponseEntity<Operation> accepted(Operation operation) {
        return ResponseEntity.accepted()
                .location(URI.create("/v1/operations/" + operation.id()))
                .body(operation);
    }

    @GetMapping("/v1/operations")
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "listOperations",
            summary = "The project's bulk operations, the latest first")
    Page list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(
                            description = "How many there are on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "10"))
                    @RequestParam(name = "limit", required = false)
                    @Nullable
                    String limit,
            @Parameter(description = "The cursor of the page before")
                    @RequestParam(name = "after", required = false)
                    @Nullable
                    String after) {
        List<FieldError> errors = new ArrayList<>();
        int most = limit == null ? DEFAULT_LIMIT : limit(limit, errors);
        UUID before = after == null ? null : Ulid.parse(after);
        if (after != null && before == null) {
            errors.add(new FieldError("after", "is not a cursor of this list: take it from the page before"));
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
        List<Operation> found = operations.page(caller.project(), before, most + 1);
        List<Operation> page = found.subList(0, Math.min(most, found.size()));
        boolean more = found.size() > most;
        return new Page(page, more, more ? page.getLast().id() : null);
    }

    private static int limit(String text, List<FieldError> errors) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        errors.add(new FieldError("limit", "must be a whole number from 1 to " + MOST));
        return DEFAULT_LIMIT;
    }

    @GetMapping("/v1/operations/{id}")
    @io.swagger.v3.oas.annotations.Operation(operationId = "getOperation", summary = "How far an operation is")
    Operation get(@Parameter(hidden = true) Caller caller, @PathVariable("id") String id) {
        return operations.find(caller.project(), id(id));
    }

    @PostMapping("/v1/operations/{id}/cancel")
    @io.swagger.v3.oas.annotations.Operation(
            operationId = "cancelOperation",
            summary = "End an operation after the page under way; what it has done stays")
    Operation cancel(@Parameter(hidden = true) Caller caller, @PathVariable("id") String id) {
        Operation operation = operations.cancel(caller.project(), id(id));
        dispatcher.call();
        return operation;
    }

    private static UUID id(String text) {
        UUID id = Ulid.parse(text);
        if (id == null) {
            throw new Problem(ProblemCode.NOT_FOUND, "There is no operation " + text + " in this project.");
        }
        return id;
    }
}
