package io.runledger.query.run;

import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.PageLinks;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows tasks: the runs that other runs are made of. */
@RestController
@Tag(name = "Tasks")
public final class TaskViewController {

    private final RunQueries queries;
    private final RunReferences references;
    private final RunList list;
    private final Cursors cursors;
    private final RunMoments moments;

    TaskViewController(
            RunQueries queries, RunReferences references, RunList list, Cursors cursors, RunMoments moments) {
        this.queries = queries;
        this.references = references;
        this.list = list;
        this.cursors = cursors;
        this.moments = moments;
    }

    /** A task as it is after every acknowledged command. */
    @GetMapping("/v1/tasks/{id}")
    @Operation(operationId = "getTask", summary = "A task, which is a run whose parent_id says of which run")
    public ResponseEntity<RunView> get(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The id of the task's run") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters) {
        QueryParameters.none(parameters);
        RunView task = queries.handle(FindRun.latest(caller.project(), references.resolve(caller.project(), id)));
        if (task.parentId() == null) {
            throw new Problem(ProblemCode.NOT_FOUND, "There is no task " + id + " in this project; it is a run.");
        }
        return ResponseEntity.ok()
                .eTag("\"" + task.version() + "\"")
                .header(RunMoments.LEDGER_POSITION, Long.toString(task.position()))
                .body(task);
    }

    /** A page of the project's tasks. */
    @GetMapping("/v1/tasks")
    @RunFilterDocumentation
    @AsOfDocumentation
    @RunListDocumentation
    @Operation(
            operationId = "listTasks",
            summary = "The tasks of all of the project's runs, filtered, sorted, in pages")
    public ResponseEntity<RunPage> all(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = "Wait, at most 5 seconds, until the list shows the ledger up to this position")
                    @RequestHeader(name = RunMoments.LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        return page(caller.project(), null, parameters, ledgerPosition, "/v1/tasks");
    }

    /** A page of the tasks of one run that were made. */
    @GetMapping("/v1/runs/{id}/tasks")
    @RunFilterDocumentation
    @AsOfDocumentation
    @RunListDocumentation
    @Operation(
            operationId = "listRunTasks",
            summary = "The runs that were made as tasks of this one, filtered, sorted, in pages",
            description = "What the run itself shows as tasks are all of its plan, also those whose turn has not come.")
    public ResponseEntity<RunPage> ofRun(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> parameters,
            @Parameter(description = "Wait, at most 5 seconds, until the list shows the ledger up to this position")
                    @RequestHeader(name = RunMoments.LEDGER_POSITION, required = false)
                    @Nullable
                    String ledgerPosition) {
        RunId run = queries.handle(FindRun.latest(caller.project(), references.resolve(caller.project(), id)))
                .id();
        return page(caller.project(), run, parameters, ledgerPosition, "/v1/runs/" + run + "/tasks");
    }

    private ResponseEntity<RunPage> page(
            String project,
            @Nullable RunId parent,
            MultiValueMap<String, String> parameters,
            @Nullable String ledgerPosition,
            String path) {
        RunListQuery query = RunListParameters.readTasks(project, parent, parameters, cursors);
        RunPage page = list.page(query, moments.await(query.asOf(), ledgerPosition));
        String links = PageLinks.of(path, parameters, page.next(), page.previous());
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links)).body(page);
    }
}
