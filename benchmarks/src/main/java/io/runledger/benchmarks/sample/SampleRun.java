package io.runledger.benchmarks.sample;

import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A made-up run: how it was asked for, and everything that happened to it, in order.
 *
 * @param parent the run whose task it is; known to the view only, since no event tells of parents yet
 */
record SampleRun(RunId id, RunCreated created, @Nullable RunId parent, List<Happening> happenings) {

    /** An event and when it was recorded, in microseconds since 1970. */
    record Happening(long micros, RunEvent event) {

        Instant at() {
            return SampleRun.instant(micros);
        }
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    }
}
