package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a run stands; the one vocabulary of the API, the events and the views. */
public enum RunStatus {
    CREATED(false),
    VALIDATING(false),
    INVALID(true),
    SCHEDULED(false),
    BLOCKED(false),
    QUEUED(false),
    RUNNING(false),
    STOPPED(false),
    FINISHING(false),
    SUCCEEDED(true),
    PARTIALLY_SUCCEEDED(true),
    FAILED(true),
    CANCELLED(true),
    SKIPPED(true);

    private static final Map<String, RunStatus> BY_WIRE_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(RunStatus::wireName, Function.identity()));

    private final boolean end;
    private final String wireName = name().toLowerCase(Locale.ROOT);

    RunStatus(boolean end) {
        this.end = end;
    }

    /** Whether nothing more happens to a run in this status by itself; some ended runs may be resumed. */
    public boolean isEnd() {
        return end;
    }

    /** The lower snake case name used on the wire and in the database. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /** The status of this wire name; null when there is none. */
    public static @Nullable RunStatus parse(String wireName) {
        return BY_WIRE_NAME.get(wireName);
    }

    /**
     * The status of this wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    @JsonCreator
    public static RunStatus of(String wireName) {
        RunStatus status = parse(wireName);
        if (status == null) {
            throw new IllegalArgumentException("unknown status " + wireName);
        }
        return status;
    }
}
