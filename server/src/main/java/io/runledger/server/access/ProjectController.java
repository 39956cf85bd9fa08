package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Ulid;
import io.runledger.command.idempotency.Claim;
import io.runledger.command.store.RunIds;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Makes projects and shows them. */
@RestController
@RequestMapping(path = "/v1/projects", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Projects and keys")
class ProjectController {

    private final Projects projects;
    private final Cursors cursors;
    private final RunIds ids;

    ProjectController(Projects projects, Cursors cursors, RunIds ids) {
        this.projects = projects;
        this.cursors = cursors;
        this.ids = ids;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "createProject",
            summary = "Create a project; give it a first key with POST /v1/keys",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<Project> create(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestAttribute(name = Claim.ATTRIBUTE, required = false)
                    Claim.@Nullable Mine claim,
            @RequestBody AccessBodies.NewProject body) {
        if (Ulid.parse(body.slug()) != null) {
            throw Problem.badRequest("/slug", "must not look like an id");
        }
        Project project = projects.create(
                body.slug(),
                Boolean.TRUE.equals(body.requireDefinitions()),
                claim == null ? ids.next().value() : claim.id(),
                caller);
        return ResponseEntity.created(URI.create("/v1/projects/" + project.slug()))
                .body(project);
    }

    @GetMapping
    @Operation(
            operationId = "listProjects",
            summary = "The projects by slug: all of them for the project default, for another one itself")
    @PageDocumentation
    ResponseEntity<Page<Project>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, cursors, "projects " + caller.project());
        parameters.check();
        return request.page(projects.page(caller, request), Project::slug).answer("/v1/projects", given);
    }

    @GetMapping("/{project}")
    @Operation(operationId = "getProject", summary = "A project")
    Project get(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "Its id or slug") @PathVariable("project") String reference) {
        return existing(reference, caller);
    }

    @PutMapping(path = "/{project}", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "changeProject", summary = "Change what a project requires")
    Project change(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "Its id or slug") @PathVariable("project") String reference,
            @RequestBody AccessBodies.ChangedProject body) {
        projects.requireDefinitions(existing(reference, caller), body.requireDefinitions());
        return existing(reference, caller);
    }

    private Project existing(String reference, Caller caller) {
        Project project = projects.find(reference, caller);
        if (project == null) {
            throw new Problem(ProblemCode.NOT_FOUND, "There is no project " + reference + ".");
        }
        return project;
    }
}
