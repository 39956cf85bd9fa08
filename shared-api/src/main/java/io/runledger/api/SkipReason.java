package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a task is not done. */
public enum SkipReason {
    /** Its condition was false. */
    CONDITION,
    /** A task that it depends on did not succeed. */
    DEPENDENCY,
    /** Another task failed, so none is begun any more. */
    FAILURE;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The lower case name used on the wire and in events. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /**
     * The reason of this wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    @JsonCreator
    public static SkipReason of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
