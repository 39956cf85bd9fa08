package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a run came to be: by a caller who waits, by one who does not, or by a schedule. */
public enum RunMode {
    LIVE,
    ASYNC,
    SCHEDULED;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The lower case name used on the wire and in the database. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /**
     * The mode of this wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    @JsonCreator
    public static RunMode of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
