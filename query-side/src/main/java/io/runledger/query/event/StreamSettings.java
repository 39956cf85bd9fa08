package io.runledger.query.event;

import java.time.Duration;

/**
 * How much streams may take.
 *
 * @param maxOpen streams and exports that one node keeps open at once
 * @param maxWaiting callers of one node who wait for runs to end; more are answered without waiting
 * @param heartbeat a stream that has nothing to say says so after this time
 * @param patience a reader that does not take what it was sent within this time is dropped
 * @param tailEvents so many of the ledger's last events are kept in memory while streams are open
 * @param tailBytes and at most about so many bytes of them
 */
public record StreamSettings(
        int maxOpen, int maxWaiting, Duration heartbeat, Duration patience, int tailEvents, long tailBytes) {

    /** What holds when nothing is set: 5,000 streams, 10,000 who wait, 15 s, 15 s, 10,000 events, 32 MiB. */
    public static final StreamSettings DEFAULT =
            new StreamSettings(5_000, 10_000, Duration.ofSeconds(15), Duration.ofSeconds(15), 10_000, 32 << 20);
}
