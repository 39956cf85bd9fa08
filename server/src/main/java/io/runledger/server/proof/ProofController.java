package io.runledger.server.proof;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.Page;
import io.runledger.query.http.PageDocumentation;
import io.runledger.query.http.PageRequest;
import io.runledger.query.http.QueryParameters;
import io.runledger.server.proof.ProjectVerification.GivenCheckpoint;
import io.runledger.server.proof.Proofs.Progress;
import io.runledger.server.proof.Proofs.Step;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Says whether the record is as it was written, and hands out signed checkpoints to keep elsewhere. */
@RestController
@Tag(name = "Proof")
class ProofController {

    private final Proofs proofs;
    private final Notary notary;
    private final Checkpoints checkpoints;
    private final CheckpointKey key;
    private final Cursors cursors;

    ProofController(Proofs proofs, Notary notary, Checkpoints checkpoints, CheckpointKey key, Cursors cursors) {
        this.proofs = proofs;
        this.notary = notary;
        this.checkpoints = checkpoints;
        this.key = key;
        this.cursors = cursors;
    }

    /** Where to go on. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "next of the answer before, to go on",
            schema = @Schema(type = "string"))
    @interface After {}

    /** The public half of the key of checkpoints. */
    @Schema(name = "CheckpointKey")
    record ShownKey(
            @Schema(description = "SHA-256 of the key (SPKI, DER), in hex; checkpoints name it as key_id")
            String keyId,

            @Schema(allowableValues = "Ed25519") String algorithm,

            @Schema(description = "As PEM; keep it where nobody of the ledger's can exchange it")
            String publicKey) {}

    @GetMapping(path = "/v1/verify", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "verifyProject",
            summary = "Whether the project's record is as it was written",
            description = "Recomputes the hash of every event, a page of positions a call, holds the record against the"
                    + " checkpoints that the ledger has signed, and asks the view of runs for ends that were cut"
                    + " off. Ask on with next until done.")
    @After
    ProjectVerification verify(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        return page(caller.project(), given, null);
    }

    @PostMapping(
            path = "/v1/verify",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "verifyCheckpoint",
            summary = "Whether the project's record still holds all that a checkpoint was made of",
            description =
                    "Like GET /v1/verify, with a checkpoint that was kept elsewhere. Ask on with next and the same"
                            + " body until done.")
    @After
    ProjectVerification verify(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given,
            @RequestBody Checkpoint checkpoint) {
        if (!checkpoint.project().equals(caller.project())) {
            throw Problem.badRequest("/project", "is not your project");
        }
        if (key.isForged(checkpoint)) {
            throw Problem.badRequest("/signature", "is not of this checkpoint: a part of it was changed");
        }
        return page(caller.project(), given, checkpoint);
    }

    private ProjectVerification page(
            String project, MultiValueMap<String, String> given, @Nullable Checkpoint checkpoint) {
        QueryParameters parameters = new QueryParameters(given);
        String query = "verify " + project + (checkpoint == null ? "" : " " + checkpoint.signature());
        String wrong = "is not from an answer to the same question: leave it out to begin anew";
        String after = parameters.value("after", wrong, text -> cursors.read(query, text));
        parameters.check();
        Step step = proofs.step(after == null ? Progress.none(project) : Progress.read(project, after), checkpoint);
        Progress now = step.progress();
        ProjectRecord record = now.record();
        return new ProjectVerification(
                record.faults() == 0,
                step.done(),
                now.position(),
                record.tree().size(),
                record.runs(),
                HexFormat.of().formatHex(record.tree().root()),
                record.provedTo(),
                record.told(),
                record.faults(),
                checkpoint == null ? null : new GivenCheckpoint(signatureOf(checkpoint), now.contained()),
                step.done() ? null : cursors.print(query, now.print()));
    }

    private String signatureOf(Checkpoint checkpoint) {
        return checkpoint.keyId().equals(key.id()) ? "valid" : "unknown_key";
    }

    @GetMapping(path = "/v1/checkpoints", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "listCheckpoints",
            summary = "The project's signed checkpoints, the latest first",
            description = "One is made about every hour while there are new events. Keep some of them elsewhere: they"
                    + " prove later what the record was.")
    @PageDocumentation
    ResponseEntity<Page<Checkpoint>> list(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, cursors, "checkpoints " + caller.project());
        parameters.check();
        return request.page(
                        checkpoints.page(caller.project(), request), checkpoint -> Long.toString(checkpoint.position()))
                .answer("/v1/checkpoints", given);
    }

    @PostMapping(path = "/v1/checkpoints", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "createCheckpoint",
            summary = "Sign what the project's record comes to now",
            description = "When nothing has happened since the latest checkpoint, that one is the answer. One call goes"
                    + " through a bounded number of events, so after much has happened several are needed.",
            responses = {
                @ApiResponse(responseCode = "201", description = "Made", useReturnTypeSchema = true),
                @ApiResponse(responseCode = "200", description = "The latest one", useReturnTypeSchema = true)
            })
    ResponseEntity<Checkpoint> create(
            @Parameter(hidden = true) Caller caller,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters.none(given);
        Notary.Signed signed = notary.sign(caller.project());
        return ResponseEntity.status(signed.isNew() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(signed.checkpoint());
    }

    @GetMapping(path = "/v1/checkpoints/key", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "getCheckpointKey", summary = "The public key that checkpoints can be checked with")
    ShownKey key(@Parameter(hidden = true) @RequestParam MultiValueMap<String, String> given) {
        QueryParameters.none(given);
        return new ShownKey(key.id(), "Ed25519", key.shown().pem());
    }
}
