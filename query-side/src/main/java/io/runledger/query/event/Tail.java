package io.runledger.query.event;

import io.runledger.api.RecentRecord;
import io.runledger.query.signal.CommitSignal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Reads what is new in the ledger once for all streams of this node, and keeps the last of it. It follows the ledger only
 * while a stream is open. Who is too far behind reads from the database; positions become visible in order (ADR 2), so
 * the change from there to here loses and doubles nothing.
 */
final class Tail implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
    private static final int SLICE = 1_000;

    /** How long to wait for a signal: when none can come, this is how late events are. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final EventHead ledger;
    private final RecentEvents recent;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Subject, Set<Watcher>> watches = new HashMap<>();
    private volatile boolean watched;
    private volatile boolean signalled;
    private volatile boolean running;
    private volatile @Nullable Thread thread;

    Tail(EventHead ledger, CommitSignal signal, RecentRecord own, StreamSettings settings) {
        this.ledger = ledger;
        this.recent = new RecentEvents(settings.tailEvents(), settings.tailBytes());
        signal.onCommit(own, this::look);
    }

    /** Starts to watch for events of this subject, for the calling thread. */
    Watch watch(Subject subject) {
        Watch watch = new Watch(this, subject);
        add(watch);
        return watch;
    }

    /** Tells this one from now on. */
    void add(Watcher watcher) {
        lock.lock();
        try {
            if (watches.isEmpty()) {
                // Nobody else waits for the lock then, except for others that want to start too.
                recent.restart(ledger.position());
            }
            watches.computeIfAbsent(watcher.subject(), _ -> new HashSet<>()).add(watcher);
            watched = true;
            LockSupport.unpark(thread);
        } finally {
            lock.unlock();
        }
    }

    void forget(Watcher watcher) {
        lock.lock();
        try {
            watches.computeIfPresent(watcher.subject(), (_, others) -> {
                others.remove(watcher);
                return others.isEmpty() ? null : others;
            });
            watched = !watches.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The position up to which the ledger was read. */
    long head() {
        lock.lock();
        try {
            return recent.head();
        } finally {
            lock.unlock();
        }
    }

    /** The wanted events after this position; null when they must be read from the database. */
    @Nullable
    Found after(long position, Predicate<TailEvent> wanted) {
        lock.lock();
        try {
            return recent.after(position, wanted);
        } finally {
            lock.unlock();
        }
    }

    /** Looks for new events soon; whoever says so, which may be who writes them, need not wait for the lock. */
    private void look() {
        signalled = true;
        if (watched) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("tail").start(this::follow);
    }

    @Override
    public void stop() {
        running = false;
        Thread follower = thread;
        if (follower != null) {
            follower.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void follow() {
        boolean away = false;
        while (running) {
            try {
                awaitNews();
                readOn();
                away = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (DataAccessException e) {
                if (!away && running) {
                    LOG.warn("streams stand still: {}", e.getMessage());
                }
                away = true;
            }
        }
    }

    private void awaitNews() throws InterruptedException {
        long begun = System.nanoTime();
        long left = LOOK_NANOS;
        while (!watched || !signalled && left > 0) {
            if (watched) {
                LockSupport.parkNanos(left);
            } else {
                LockSupport.park();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            left = LOOK_NANOS - (System.nanoTime() - begun);
        }
        signalled = false;
    }

    private void readOn() {
        EventReader.Slice slice;
        do {
            long last = head();
            slice = ledger.after(last, EventReader.Bounds.ofEvents(SLICE));
            publish(last, slice.events());
        } while (slice.more() && running);
    }

    private void publish(long last, List<TailEvent> events) {
        lock.lock();
        try {
            // Started again meanwhile, further on: what was read belongs to nobody.
            if (watches.isEmpty() || recent.head() != last) {
                return;
            }
            events.forEach(recent::add);
            for (TailEvent event : events) {
                announce(event, new Subject.OfRun(event.project(), event.event().runId()));
                announce(event, new Subject.OfProject(event.project()));
            }
        } finally {
            lock.unlock();
        }
    }

    private void announce(TailEvent event, Subject subject) {
        watches.getOrDefault(subject, Set.of()).forEach(watcher -> watcher.announce(event));
    }
}
