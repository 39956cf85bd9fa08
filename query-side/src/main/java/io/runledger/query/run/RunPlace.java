package io.runledger.query.run;

import io.runledger.api.RunId;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands in a sorted list: its value in the sorted column, and its id.
 *
 * @param asOf the ledger's position that the list shows, when it shows a past one
 */
record RunPlace(@Nullable String value, RunId id, @Nullable Long asOf) {

    private static final int ID_LENGTH = 26;
    private static final char AS_OF_END = '@';

    RunPlace at(long position) {
        return new RunPlace(value, id, position);
    }

    /** The text inside a cursor. */
    String print() {
        String place = value == null ? id.toString() : id + "=" + value;
        return asOf == null ? place : asOf.toString() + AS_OF_END + place;
    }

    /** Reads what {@link #print} wrote; a cursor's signature has vouched for it. */
    static RunPlace read(String text) {
        int end = text.substring(0, ID_LENGTH).indexOf(AS_OF_END);
        Long asOf = end < 0 ? null : (Long) Long.parseLong(text.substring(0, end));
        String place = text.substring(end + 1);
        RunId id = RunId.of(place.substring(0, ID_LENGTH));
        return new RunPlace(place.length() == ID_LENGTH ? null : place.substring(ID_LENGTH + 1), id, asOf);
    }
}
