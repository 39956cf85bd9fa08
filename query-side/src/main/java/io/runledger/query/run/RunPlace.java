package io.runledger.query.run;

import io.runledger.api.RunId;
import org.jspecify.annotations.Nullable;

/** Where a run stands in a sorted list: its value in the sorted column, and its id. */
record RunPlace(@Nullable String value, RunId id) {

    private static final int ID_LENGTH = 26;

    /** The text inside a cursor. */
    String print() {
        return value == null ? id.toString() : id + "=" + value;
    }

    /** Reads what {@link #print} wrote; a cursor's signature has vouched for it. */
    static RunPlace read(String text) {
        RunId id = RunId.of(text.substring(0, ID_LENGTH));
        return new RunPlace(text.length() == ID_LENGTH ? null : text.substring(ID_LENGTH + 1), id);
    }
}
