package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.command.idempotency.Claim;
import io.runledger.command.store.RunIds;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.runledger.server.access.AccessBodies.CreatedKey;
import io.runledger.server.access.Keys.Made;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Makes keys, shows them and revokes them. */
@RestController
@RequestMapping("/v1/keys")
@Tag(name = "Projects and keys")
class KeyController {

    private static final String NO_SUCH_PROJECT = "there is no such project";

    private final Keys keys;
    private final Projects projects;
    private final Cursors cursors;
    private final Clock clock;
    private final RunIds ids;

    KeyController(Keys keys, Projects projects, Cursors cursors, Clock clock, RunIds ids) {
        this.keys = keys;
        this.projects = projects;
        this.cursors = cursors;
        this.clock = clock;
        this.ids = ids;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "createKey",
            summary = "Create a key; the answer shows it, and nothing shows it again",
            responses = @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true))
    ResponseEntity<CreatedKey> create(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestAttribute(name = Claim.ATTRIBUTE, required = false)
                    Claim.@Nullable Mine claim,
            @Parameter(hidden = true) HttpServletRequest request,
            @RequestBody AccessBodies.NewKey body) {
        request.setAttribute(Claim.NOT_KEPT_ATTRIBUTE, true);
        if (body.expiresAt() != null && !body.expiresAt().isAfter(clock.instant())) {
            throw Problem.badRequest("/expires_at", "must be in the future");
        }
        String project = project(body.project(), caller, "/project");
        Role role = Objects.requireNonNull(Role.parse(body.role()));
        UUID id = claim == null ? ids.next().value() : claim.id();
        Made made = keys.create(id, project, new Keys.Wanted(body.name(), role, body.expiresAt()), caller);
        return ResponseEntity.status(HttpStatus.CREATED)
                .cacheControl(CacheControl.noStore())
                .body(new CreatedKey(made.key(), made.secret().reveal()));
    }

    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "listKeys",
            summary = "The keys of a project, the oldest first; also those that were revoked or have expired")
    @PageDocumentation
    @Parameter(
            in = ParameterIn.QUERY,
            name = "project",
            description =
                    "Its id or slug; the caller's own when absent. Another one can be named with admin keys of the"
                            + " project default only",
            schema = @Schema(type = "string"))
    ResponseEntity<Page<Key>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        String named = parameters.text("project");
        String project = named == null || named.isEmpty() ? caller.project() : slug(named, caller);
        if (project == null) {
            parameters.error("project", NO_SUCH_PROJECT);
        }
        PageRequest request = PageRequest.read(parameters, cursors, "keys " + project + " of " + caller.project());
        parameters.check();
        return request.page(keys.page(Objects.requireNonNull(project), request), Key::id)
                .answer("/v1/keys", given);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "revokeKey",
            summary = "Revoke a key: within five seconds it opens nothing on any node, and its streams end")
    void revoke(@Parameter(hidden = true) Caller caller, @PathVariable("id") String id) {
        keys.revoke(id, caller);
    }

    private String project(@Nullable String reference, Caller caller, String pointer) {
        String slug = reference == null ? caller.project() : slug(reference, caller);
        if (slug == null) {
            throw Problem.badRequest(pointer, NO_SUCH_PROJECT);
        }
        return slug;
    }

    private @Nullable String slug(String reference, Caller caller) {
        Project project = projects.find(reference, caller);
        return project == null ? null : project.slug();
    }
}
