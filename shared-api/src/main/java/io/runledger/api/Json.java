package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One JSON value that the ledger keeps for a caller as it was given: numbers digit by digit, members in their order.
 * The text holds no white space between tokens, so it fits on one line of a stream.
 */
public record Json(@JsonValue @JsonRawValue String text) {

    /** The JSON value null, which says "emptied" where an absent value says "unchanged". */
    public static final Json NULL = new Json("null");

    @Override
    public String toString() {
        return text;
    }
}
