package io.runledger.query.projection;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.AxonThreadFactory;

/**
 * Runs a processor's coordinator, whose waits are fixed in Axon 4.13.0 and too long for us: half a second until it looks
 * for new events, 100 ms when its workers are busy, and after errors twice as long each time, up to a minute.
 */
final class ImpatientScheduler extends ScheduledThreadPoolExecutor {

    /** Waits up to this long are looks for work in memory, cheap enough to come often. */
    private static final long LOOK_MILLIS = 500;

    private static final long LONGEST_LOOK_MILLIS = 10;

    /** Longer waits come after errors: the view shall go on soon after the database is back. */
    private static final long LONGEST_MILLIS = 2_000;

    ImpatientScheduler(String threadName) {
        super(1, new AxonThreadFactory(threadName));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        long millis = unit.toMillis(delay);
        long bound = millis <= LOOK_MILLIS ? LONGEST_LOOK_MILLIS : LONGEST_MILLIS;
        return super.schedule(task, Math.min(millis, bound), TimeUnit.MILLISECONDS);
    }
}
