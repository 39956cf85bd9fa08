package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ledger's name for a run: 128 time-ordered bits, written as a 26-character ULID. */
public record RunId(UUID value) implements Comparable<RunId> {

    /**
     * Reads an id in either spelling, ULID or UUID.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    @JsonCreator
    public static RunId of(String text) {
        RunId id = parse(text);
        if (id == null) {
            throw new IllegalArgumentException("not a run id: write 26 characters (ULID) or 36 (UUID)");
        }
        return id;
    }

    /** Reads an id in either spelling; null when the text is neither. */
    public static @Nullable RunId parse(String text) {
        UUID value = Ulid.parse(text);
        return value == null ? null : new RunId(value);
    }

    /** An id for a run made at this instant (milliseconds since 1970, 48 bits) with 80 bits of randomness. */
    public static RunId at(long epochMillis, long random16, long random64) {
        return new RunId(new UUID(epochMillis << 16 | random16 & 0xFFFF, random64));
    }

    @Override
    public int compareTo(RunId other) {
        int high = Long.compareUnsigned(value.getMostSignificantBits(), other.value.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
    }

    @Override
    @JsonValue
    public String toString() {
        return Ulid.print(value);
    }
}
