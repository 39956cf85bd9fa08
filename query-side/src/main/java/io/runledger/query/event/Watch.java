package io.runledger.query.event;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One stream's interest in the tail: wakes the thread that made it when there are events of its subject. */
final class Watch implements Watcher, AutoCloseable {

    /** No event has been announced since the last look. */
    static final long NOTHING = 0;

    private final Tail tail;
    private final Subject subject;
    private final Thread owner = Thread.currentThread();
    private final AtomicLong first = new AtomicLong(NOTHING);

    Watch(Tail tail, Subject subject) {
        this.tail = tail;
        this.subject = subject;
    }

    @Override
    public Subject subject() {
        return subject;
    }

    @Override
    public void announce(TailEvent event) {
        if (first.compareAndSet(NOTHING, event.position())) {
            LockSupport.unpark(owner);
        }
    }

    /** The position of the first event announced since the last call, as soon as there is one or it is over. */
    long await(long nanos, BooleanSupplier over) {
        long deadline = System.nanoTime() + nanos;
        long left = nanos;
        while (first.get() == NOTHING && left > 0 && !over.getAsBoolean()) {
            LockSupport.parkNanos(this, left);
            left = deadline - System.nanoTime();
        }
        return first.getAndSet(NOTHING);
    }

    @Override
    public void close() {
        tail.forget(this);
    }
}
