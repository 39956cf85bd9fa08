package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.query.projection.ViewPosition;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A position that the view is known to show, shared by all who wait for it: one of them asks the database, so that a
 * thousand streams that wait for the same event cost it no more than one. A view that serves never goes back.
 */
final class ShownPosition {

    private final ViewPosition view;
    private final Semaphore asking = new Semaphore(1, true);
    private volatile long known;

    ShownPosition(ViewPosition view) {
        this.view = view;
    }

    /**
     * Returns when the view shows every event up to this position.
     *
     * @throws Problem when it does not within this time
     */
    void await(long position, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (known < position) {
            long left = deadline - System.nanoTime();
            if (!mayAsk(left)) {
                throw new Problem(ProblemCode.UNAVAILABLE, "The view is not up to date; ask again in a moment.");
            }
            try {
                if (known < position) {
                    // Any step forward may be enough for another who waits.
                    view.await(known + 1, Duration.ofNanos(Math.max(0, left)));
                    known = view.current();
                }
            } finally {
                asking.release();
            }
        }
    }

    private boolean mayAsk(long nanos) {
        try {
            return asking.tryAcquire(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
