package io.runledger.query.definition;

import io.runledger.api.Caller;
import io.runledger.api.DefinitionView;
import io.runledger.api.FindDefinition;
import io.runledger.api.Problem;
import io.runledger.api.Target;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows definitions: one, and which there are. */
@RestController
@RequestMapping("/v1/definitions")
@Tag(name = "Definitions")
public final class DefinitionController {

    private final DefinitionQueries definitions;
    private final Cursors cursors;

    DefinitionController(DefinitionQueries definitions, Cursors cursors) {
        this.definitions = definitions;
        this.cursors = cursors;
    }

    /** The definition of a target. */
    @GetMapping("/{kind}/{name}")
    @Operation(operationId = "getDefinition", summary = "The definition of a target")
    public ResponseEntity<DefinitionView> get(
            @Parameter(hidden = true) Caller caller, @PathVariable String kind, @PathVariable String name) {
        Target target = Target.parse(kind + ":" + name);
        if (target == null) {
            throw Problem.badRequest("name", kind + ":" + name + " is not a target");
        }
        DefinitionView definition = definitions.handle(new FindDefinition(caller.project(), target));
        return ResponseEntity.ok().eTag("\"" + definition.version() + "\"").body(definition);
    }

    /** A page of the project's definitions. */
    @GetMapping
    @Operation(operationId = "listDefinitions", summary = "The project's definitions, by kind and name")
    @PageDocumentation
    public ResponseEntity<Page<DefinitionView>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, cursors, "definitions " + caller.project());
        parameters.check();
        return request.page(
                        definitions.page(caller.project(), request),
                        definition -> definition.target().toString())
                .answer("/v1/definitions", given);
    }
}
