package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** What a project's record came to at a position, signed by the ledger: docs/checkpoints.md. */
@Schema(name = "LedgerCheckpoint")
record Checkpoint(
        @NotNull @Min(FORMAT) @Max(FORMAT) @Schema(description = "Of this document: 1")
        Integer format,

        @NotNull
        @Pattern(regexp = "[a-z0-9][a-z0-9-]{0,62}", message = "must be the slug of a project")
        @Schema(example = "default")
        String project,

        @NotNull @Min(0) @Schema(description = "The record up to and with this position of the ledger")
        Long position,

        @NotNull @Min(0) @Schema(description = "How many events of the project there were")
        Long events,

        @NotNull @Min(0) @Schema(description = "How many runs these events began")
        Long runs,

        @NotNull
        @Pattern(regexp = HASH, message = "must be 64 hexadecimal digits, in lower case")
        @Schema(description = "The root of the tree over the events' hashes (RFC 6962), in hex", example = EXAMPLE)
        String root,

        @NotNull @Schema(description = "When it was made", example = "2026-01-31T12:00:00.000000Z")
        Instant recordedAt,

        @NotNull
        @Pattern(regexp = HASH, message = "must be 64 hexadecimal digits, in lower case")
        @Schema(
                description = "SHA-256 of the public key that the signature is to be checked with, in hex",
                example = EXAMPLE)
        String keyId,

        @NotNull
        @Pattern(regexp = "[A-Za-z0-9+/]{86}==", message = "must be 64 bytes in base64")
        @Schema(
                description = "Ed25519, in base64, over the other members as canonical JSON (RFC 8785)",
                example = EXAMPLE_SIGNATURE)
        String signature) {

    static final int FORMAT = 1;

    private static final String HASH = "[0-9a-f]{64}";
    private static final String EXAMPLE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String EXAMPLE_SIGNATURE =
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + "AAAAAAAAAAAAAAAAAAAAAAAAAA==";

    /** What this tree of a project says at a position, signed with this key. */
    static Checkpoint of(ProjectRecord record, long position, Instant now, CheckpointKey key) {
        MerkleTree tree = record.tree();
        String root = HexFormat.of().formatHex(tree.root());
        Checkpoint unsigned =
                new Checkpoint(FORMAT, record.project(), position, tree.size(), record.runs(), root, now, key.id(), "");
        return unsigned.signed(Base64.getEncoder().encodeToString(key.sign(unsigned.content())));
    }

    private Checkpoint signed(String by) {
        return new Checkpoint(format, project, position, events, runs, root, recordedAt, keyId, by);
    }

    /**
     * The bytes that are signed: RFC 8785 of all members but the signature. No member here can hold a character that JSON
     * escapes, and the numbers are whole.
     */
    byte[] content() {
        return ("{\"events\":" + events + ",\"format\":" + format + ",\"key_id\":\"" + keyId + "\",\"position\":"
                        + position
                        + ",\"project\":\"" + project + "\",\"recorded_at\":\"" + EventHash.time(recordedAt)
                        + "\",\"root\":\"" + root + "\",\"runs\":" + runs + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether it is of exactly this record. */
    boolean isOf(ProjectRecord record) {
        MerkleTree tree = record.tree();
        return events == tree.size()
                && runs == record.runs()
                && Arrays.equals(HexFormat.of().parseHex(root), tree.root());
    }

    byte[] signatureBytes() {
        return Base64.getDecoder().decode(signature);
    }
}
