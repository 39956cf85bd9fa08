package io.runledger.command.store;

import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/** Makes new ids; time comes from the one clock, randomness from the system. */
public final class RunIds {

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public RunIds(Clock clock) {
        this.clock = clock;
    }

    /** An id that was never given before. */
    public RunId next() {
        return RunId.at(clock.millis(), random.nextInt(), random.nextLong());
    }

    static UUID uuid(String aggregateIdentifier) {
        return RunId.of(aggregateIdentifier).value();
    }

    static String ulid(UUID id) {
        return Ulid.print(id);
    }
}
