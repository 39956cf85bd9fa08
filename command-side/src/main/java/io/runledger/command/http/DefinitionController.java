package io.runledger.command.http;

import io.runledger.api.Definition;
import io.runledger.api.DefinitionView;
import io.runledger.api.FindDefinition;
import io.runledger.api.Problem;
import io.runledger.api.Target;
import io.runledger.command.definition.Definitions;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;

/** Gives targets their definitions. */
@RestController
@RequestMapping("/v1/definitions/{kind}/{name}")
@Tag(name = "Definitions")
class DefinitionController {

    private final Definitions definitions;
    private final TaskPlans plans;
    private final RunAnswers answers;

    DefinitionController(Definitions definitions, TaskPlans plans, RunAnswers answers) {
        this.definitions = definitions;
        this.plans = plans;
        this.answers = answers;
    }

    @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "putDefinition",
            summary = "Say what runs of this target must look like, and what holds for them when they say nothing",
            responses = {
                @ApiResponse(
                        responseCode = "200",
                        description = "Changed, or the same as before",
                        useReturnTypeSchema = true),
                @ApiResponse(
                        responseCode = "201",
                        description = "The target had no definition",
                        useReturnTypeSchema = true)
            })
    ResponseEntity<DefinitionView> put(
            @PathVariable("kind") String kind,
            @PathVariable("name") String name,
            @RequestBody DefinitionBodies.Put body,
            @Parameter(hidden = true) Origin origin) {
        Target target = target(kind, name);
        String project = origin.caller().project();
        Definition definition = body.definition(target);
        plans.require(definition);
        boolean created = definitions.put(
                project, target, definition, origin.ifVersion(), origin.caller().actor());
        DefinitionView view = answers.ask(new FindDefinition(project, target), DefinitionView.class);
        URI location = UriComponentsBuilder.fromPath("/v1/definitions/{kind}/{name}")
                .encode()
                .buildAndExpand(kind, name)
                .toUri();
        ResponseEntity.BodyBuilder response = created ? ResponseEntity.created(location) : ResponseEntity.ok();
        return response.eTag("\"" + view.version() + "\"").body(view);
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteDefinition",
            summary = "Take the definition away; runs that were created with it stay as they are")
    void delete(
            @PathVariable("kind") String kind,
            @PathVariable("name") String name,
            @Parameter(hidden = true) Origin origin) {
        definitions.delete(
                origin.caller().project(),
                target(kind, name),
                origin.ifVersion(),
                origin.caller().actor());
    }

    private static Target target(String kind, String name) {
        Target target = Target.parse(kind + ":" + name);
        if (target == null) {
            throw Problem.badRequest("name", kind + ":" + name + " is not a target");
        }
        return target;
    }
}
