package io.runledger.query.run;

import io.runledger.api.Artifact;
import io.runledger.api.Caller;
import io.runledger.api.FindRun;
import io.runledger.api.RunId;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows what a run has produced, page by page. */
@RestController
@Tag(name = "Runs")
public final class ArtifactController {

    private final RunQueries runs;
    private final RunReferences references;
    private final Cursors cursors;

    ArtifactController(RunQueries runs, RunReferences references, Cursors cursors) {
        this.runs = runs;
        this.references = references;
        this.cursors = cursors;
    }

    /** A page of a run's artifacts, in the order in which their names first came. */
    @GetMapping("/v1/runs/{id}/artifacts")
    @Operation(
            operationId = "listArtifacts",
            summary = "What the run has produced; of one name the last reference that was given")
    @PageDocumentation
    public ResponseEntity<Page<Artifact>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(description = "The run's id, or key: and its key") @PathVariable String id,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        RunId run = references.resolve(caller.project(), id);
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, cursors, "artifacts " + caller.project() + " " + run);
        parameters.check();
        List<Artifact> all = runs.handle(FindRun.latest(caller.project(), run)).artifacts();
        return request.page(wanted(request, all), Artifact::name).answer("/v1/runs/" + run + "/artifacts", given);
    }

    private static List<Artifact> wanted(PageRequest request, List<Artifact> all) {
        int place = indexOf(request.place(), all);
        List<Artifact> inDirection =
                request.backwards() ? all.subList(0, place).reversed() : all.subList(place + 1, all.size());
        return inDirection.subList(0, Math.min(request.rows(), inDirection.size()));
    }

    /** Where the artifact of this name stands; artifacts do not go away. */
    private static int indexOf(@Nullable String name, List<Artifact> all) {
        return name == null ? -1 : all.stream().map(Artifact::name).toList().indexOf(name);
    }
}
