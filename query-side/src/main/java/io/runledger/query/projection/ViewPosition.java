package io.runledger.query.projection;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How far a view has got, on whichever node it is filled. */
public final class ViewPosition {

    /** How often to look at the database; only a view that another node fills needs it. */
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long UNKNOWN = -1;

    private final String view;
    private final JdbcClient jdbc;
    private final Serializer serializer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private long announced;
    private long announcements;
    private final AtomicInteger waiting = new AtomicInteger();
    private boolean wasReset;

    /** What the view is known to show: it never goes back, unless somebody resets it, which no ledger does by itself. */
    private volatile long shown = UNKNOWN;

    public ViewPosition(String view, JdbcClient jdbc, Serializer serializer) {
        this.view = view;
        this.jdbc = jdbc;
        this.serializer = serializer;
    }

    /** The position of the last event that the view shows; 0 before the first. */
    public long current() {
        List<Long> segments = jdbc.sql("select token, token_type from view.token_entry where processor_name = ?")
                .param(view)
                .query((row, _) -> position(row))
                .list();
        return segments.stream().mapToLong(Long::longValue).min().orElse(0);
    }

    /** Tells those who wait on this node that the view was committed up to this position. */
    public void advancedTo(long position) {
        lock.lock();
        try {
            announced = position;
            announcements++;
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells that the view begins anew on this node. The database is asked each time from now on. */
    public void reset() {
        lock.lock();
        try {
            // Until the reset is committed the database has the old position, so nothing must be remembered meanwhile.
            wasReset = true;
            shown = UNKNOWN;
        } finally {
            lock.unlock();
        }
    }

    private void remember(long position) {
        lock.lock();
        try {
            shown = wasReset ? UNKNOWN : Math.max(shown, position);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns when the view shows every event up to this position.
     *
     * @throws Problem when it does not within this time
     */
    public void await(long position, Duration atMost) {
        if (position > shown) {
            waiting.incrementAndGet();
            try {
                remember(awaitAnew(position, atMost));
            } finally {
                waiting.decrementAndGet();
            }
        }
    }

    private long awaitAnew(long position, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        long heard = announcements();
        long current;
        while ((current = current()) < position) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new Problem(
                        ProblemCode.UNAVAILABLE,
                        "The view has not got to position " + position + " yet; ask again in a moment.");
            }
            heard = listen(position, heard, Math.min(left, POLL_NANOS));
        }
        return current;
    }

    /** Whether somebody waits at this node. */
    boolean isAwaited() {
        return waiting.get() > 0;
    }

    /** Waits until this node says that it got to the position, but no longer than so many nanoseconds. */
    private long listen(long position, long heard, long nanos) {
        lock.lock();
        try {
            long left = nanos;
            // What was heard before is no news: without this a view that was reset since would make a busy loop.
            while (left > 0 && (announcements == heard || announced < position)) {
                left = advanced.awaitNanos(left);
            }
            return announcements;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(ProblemCode.UNAVAILABLE, "The ledger is shutting down.");
        } finally {
            lock.unlock();
        }
    }

    private long announcements() {
        lock.lock();
        try {
            return announcements;
        } finally {
            lock.unlock();
        }
    }

    private long position(ResultSet row) throws SQLException {
        byte[] token = row.getBytes("token");
        if (token == null) {
            return 0;
        }
        TrackingToken read = serializer.deserialize(
                new SimpleSerializedObject<>(token, byte[].class, row.getString("token_type"), null));
        OptionalLong position = read.position();
        return position.orElse(0);
    }
}
