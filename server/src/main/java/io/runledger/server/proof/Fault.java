package io.runledger.server.proof;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.runledger.api.RunId;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Something in the record that is not as it was written. */
@Schema(name = "RecordFault")
@JsonInclude(JsonInclude.Include.NON_NULL)
record Fault(
        @Schema(
                description =
                        "changed: the event does not match its hash, or its place in the chain. missing: an event before"
                                + " this one is gone. out_of_order: the event stands before the one that it follows."
                                + " missing_end: the view of runs has shown an event that is gone, and nothing of the run"
                                + " comes after it. checkpoint: the record is not the one that a signed checkpoint was"
                                + " made of, which is the only trace of a run that was removed, or rewritten with new"
                                + " hashes. signature: a stored checkpoint was not signed by the ledger")
        Kind code,

        @Nullable RunId runId,

        @Schema(description = "Of the event that is not right, or is missing") @Nullable
        Long sequence,

        @Schema(description = "Where in the ledger it is; of a checkpoint, the position that it was made of")
        long position,

        @Schema(description = "Of a checkpoint: up to here the record is right, so what is wrong comes after it")
        @Nullable
        Long after) {

    /** What is wrong. */
    enum Kind {
        CHANGED,
        MISSING,
        OUT_OF_ORDER,
        MISSING_END,
        CHECKPOINT,
        SIGNATURE;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The fault, on one line, for people. */
    @Override
    public String toString() {
        return code.wireName() + " at position " + position
                + (runId == null ? "" : ", run " + runId)
                + (sequence == null ? "" : ", sequence " + sequence)
                + (after == null ? "" : ", right up to position " + after);
    }
}
