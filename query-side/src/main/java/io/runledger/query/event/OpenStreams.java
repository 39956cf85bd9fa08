package io.runledger.query.event;

import io.runledger.api.Admission;
import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Counts the streams of this node and ends them when it stops, before the web server waits for its last requests, and
 * when their callers' keys hold no more. Lets only a few of them ask the database at once, so that a thousand that come back together leave connections to others.
 */
public final class OpenStreams implements SmartLifecycle {

    private static final int QUERIES_AT_ONCE = 4;

    /** Streams that wait end at once; one that writes to a reader who takes nothing must not hold up the others. */
    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How often it looks whether the callers' keys still hold. */
    private static final long LOOK_SECONDS = 1;

    private final int most;
    private final Admission admission;
    private final Semaphore queries = new Semaphore(QUERIES_AT_ONCE, true);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final Set<OpenStream> open = new HashSet<>();
    private volatile boolean running;
    private @Nullable ScheduledExecutorService looking;

    OpenStreams(int most, Admission admission) {
        this.most = most;
        this.admission = admission;
    }

    /** The calling thread's stream, until it is closed. */
    public final class OpenStream implements AutoCloseable {

        private final Thread owner = Thread.currentThread();
        private final Caller caller;
        private volatile boolean expelled;

        private OpenStream(Caller caller) {
            this.caller = caller;
        }

        /** Whether the stream must end now. */
        boolean isOver() {
            return !running || expelled || owner.isInterrupted();
        }

        /** Whether it must end because the caller's key holds no more. */
        boolean isExpelled() {
            return expelled;
        }

        private void expel() {
            expelled = true;
            LockSupport.unpark(owner);
        }

        /** Asks the database when it is this stream's turn. */
        public <T> T read(Supplier<T> query) {
            queries.acquireUninterruptibly();
            try {
                return query.get();
            } finally {
                queries.release();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                open.remove(this);
                left.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Lets the calling thread open a stream for this caller.
     *
     * @throws Problem when there are too many, or the node is about to stop
     */
    OpenStream enter(Caller caller) {
        lock.lock();
        try {
            if (!running) {
                throw new Problem(ProblemCode.UNAVAILABLE, "This node is stopping; ask again.");
            }
            if (open.size() >= most) {
                throw new Problem(
                        ProblemCode.UNAVAILABLE, "This node has " + most + " open streams, as many as it may have.");
            }
            OpenStream stream = new OpenStream(caller);
            open.add(stream);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    /** How many streams are open. */
    int count() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public synchronized void start() {
        running = true;
        looking = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("stream-keys").factory());
        var _ = looking.scheduleWithFixedDelay(this::expel, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends the streams of callers whose keys hold no more. */
    private void expel() {
        Map<Caller, List<OpenStream>> byCaller = new HashMap<>();
        lock.lock();
        try {
            open.forEach(stream -> byCaller.computeIfAbsent(stream.caller, _ -> new ArrayList<>())
                    .add(stream));
        } finally {
            lock.unlock();
        }
        byCaller.forEach((caller, streams) -> {
            if (!admission.holds(caller)) {
                streams.forEach(OpenStream::expel);
            }
        });
    }

    @Override
    public synchronized void stop() {
        running = false;
        if (looking != null) {
            looking.shutdownNow();
        }
        lock.lock();
        try {
            open.forEach(stream -> LockSupport.unpark(stream.owner));
            long nanos = LAST_WORDS_NANOS;
            while (!open.isEmpty() && nanos > 0) {
                nanos = left.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before everything else, so before the web server. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
