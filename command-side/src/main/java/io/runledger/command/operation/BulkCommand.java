package io.runledger.command.operation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The commands that can be given to many runs at once. */
public enum BulkCommand {
    CANCEL,
    STOP,
    RESUME,
    RERUN;

    /** The lower case name used on the wire and in the database. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static BulkCommand of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
