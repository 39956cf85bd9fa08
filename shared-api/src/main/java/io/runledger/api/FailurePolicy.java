package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What becomes of a run's other tasks when one that is not optional has failed; none is begun in either case. */
public enum FailurePolicy {
    /** Those that are under way are cancelled. */
    FAIL_FAST,
    /** Those that are under way may come to their ends. */
    FINISH_WHAT_RUNS;

    /** All wire names, as a regular expression, and how to say so. */
    public static final String PATTERN = "fail_fast|finish_what_runs";

    public static final String MUST = "must be fail_fast or finish_what_runs";

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The lower snake case name used on the wire and in events. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /**
     * The policy of this wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    @JsonCreator
    public static FailurePolicy of(String wireName) {
        for (FailurePolicy policy : values()) {
            if (policy.wireName.equals(wireName)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(MUST);
    }
}
