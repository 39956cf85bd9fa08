package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows what admins did and who failed to come in; who did what to runs is in their events. */
@RestController
@Tag(name = "Projects and keys")
class AuditController {

    private final AuditTrail trail;
    private final Cursors cursors;

    AuditController(AuditTrail trail, Cursors cursors) {
        this.trail = trail;
        this.cursors = cursors;
    }

    @GetMapping(path = "/v1/audit", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "listAudit",
            summary = "What admins of the project did and which of its keys did not open anything, the latest first",
            description =
                    "Attempts with keys that nobody has are in the project default. Failed attempts are counted and"
                            + " written about once a minute.")
    @PageDocumentation
    ResponseEntity<Page<AuditEntry>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, cursors, "audit " + caller.project());
        parameters.check();
        return request.page(trail.page(caller.project(), request), entry -> Long.toString(entry.position()))
                .answer("/v1/audit", given);
    }
}
