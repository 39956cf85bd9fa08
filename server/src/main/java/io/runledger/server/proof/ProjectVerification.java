package io.runledger.server.proof;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a project's record is as it was written, as far as it was gone through. */
@Schema(name = "ProjectVerification")
record ProjectVerification(
        @Schema(description = "Whether nothing was found so far, on this page and those before it")
        boolean valid,

        @Schema(description = "Whether all was gone through; ask on with next until it is")
        boolean done,

        @Schema(description = "The position of the ledger up to which the events were checked")
        long position,

        @Schema(description = "How many events of the project there are up to it")
        long events,

        @Schema(description = "How many runs these began") long runs,

        @Schema(description = "The root of the tree over these events (RFC 6962), in hex")
        String root,

        @Schema(
                description =
                        "Up to this position the record is the one that the ledger's own signed checkpoints were made of")
        long provedTo,

        @Schema(description = "What was found wrong on this page, the first 100")
        List<Fault> faults,

        @Schema(description = "How much was found wrong so far")
        long faultCount,

        @Schema(description = "What became of the checkpoint that was sent")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        GivenCheckpoint checkpoint,

        @Schema(description = "For the parameter after, to go on; null when all was gone through") @Nullable
        String next) {

    /** A checkpoint that the caller kept. */
    @Schema(name = "CheckedCheckpoint")
    record GivenCheckpoint(
            @Schema(
                    description = "Whether the ledger signed it; unknown_key: another key than the ledger's did",
                    allowableValues = {"valid", "unknown_key"})
            String signature,

            @Schema(
                    description =
                            "Whether the record up to its position is the one that it was made of; null: not there"
                                    + " yet")
            @Nullable
            Boolean contained) {}
}
