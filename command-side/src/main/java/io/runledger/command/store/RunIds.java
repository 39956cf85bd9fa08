package io.runledger.command.store;

import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/**
 * Makes new ids; time comes from the one clock, randomness from the system. Those of one millisecond follow one another,
 * as the ULID specification has it ("monotonicity"): drawing 80 bits costs more than anything else about a message.
 */
public final class RunIds {

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private long millis = Long.MIN_VALUE;
    private int high;
    private long low;

    public RunIds(Clock clock) {
        this.clock = clock;
    }

    /** An id that was never given before. */
    public synchronized RunId next() {
        long now = clock.millis();
        if (now != millis) {
            millis = now;
            high = random.nextInt();
            low = random.nextLong();
        } else if (++low == 0) {
            high++;
        }
        return RunId.at(now, high, low);
    }

    static UUID uuid(String aggregateIdentifier) {
        return RunId.of(aggregateIdentifier).value();
    }

    static String ulid(UUID id) {
        return Ulid.print(id);
    }
}
