package io.runledger.query.item;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How it stands with an item of a batch. */
enum ItemStatus {
    /** Nobody holds it. */
    PENDING,
    /** A worker holds it under a lease. */
    RUNNING,
    SUCCEEDED,
    FAILED;

    /** The lower case name used on the wire. */
    @JsonValue
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status of this wire name; null when there is none. */
    static @Nullable ItemStatus parse(String wireName) {
        return Stream.of(values())
                .filter(status -> status.wireName().equals(wireName))
                .findFirst()
                .orElse(null);
    }
}
