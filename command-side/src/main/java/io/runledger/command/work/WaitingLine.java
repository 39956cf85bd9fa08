package io.runledger.command.work;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.command.run.Outcome;
import io.runledger.command.work.ClaimDesk.Wish;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The workers that wait for runs at this node, in the order in which they came; waiting costs them no thread. */
final class WaitingLine {

    /** How often all are served without being called: a signal may be lost, and a picked run may have been left. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Waiting> workers = new LinkedHashSet<>();
    private boolean called;
    private boolean open;

    WaitingLine(int most) {
        this.most = most;
    }

    /** A worker in the line. */
    static final class Waiting {

        private final Wish wish;
        private final long deadline;
        private final CompletableFuture<List<Outcome>> answer = new CompletableFuture<>();

        /** Whether it was never served, or has come back. */
        private boolean fresh = true;

        private Waiting(Wish wish) {
            this.wish = wish;
            this.deadline = System.nanoTime() + wish.patience().toNanos();
        }

        Wish wish() {
            return wish;
        }

        CompletableFuture<List<Outcome>> answer() {
            return answer;
        }

        boolean isOver() {
            return System.nanoTime() - deadline >= 0;
        }

        /** Whether there is something to do for it that no call tells of. */
        private boolean isNews() {
            return fresh || isOver() || answer.isDone();
        }
    }

    /**
     * Lets a worker wait.
     *
     * @throws Problem when too many do
     */
    Waiting join(Wish wish) {
        Waiting worker = new Waiting(wish);
        lock.lock();
        try {
            if (!open || workers.size() >= most) {
                throw new Problem(
                        ProblemCode.UNAVAILABLE,
                        open ? "Too many workers wait at this node; try again." : "The ledger is shutting down.");
            }
            workers.add(worker);
            changed.signal();
        } finally {
            lock.unlock();
        }
        return worker;
    }

    /** Lets a worker wait again that was served and got nothing after all. */
    void comeBack(Waiting worker) {
        lock.lock();
        try {
            worker.fresh = true;
            workers.add(worker);
            changed.signal();
            if (open) {
                return;
            }
        } finally {
            lock.unlock();
        }
        close();
    }

    void leave(Waiting worker) {
        lock.lock();
        try {
            workers.remove(worker);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return workers.size();
        } finally {
            lock.unlock();
        }
    }

    /** Says that there may be something for all. */
    void call() {
        lock.lock();
        try {
            called = true;
            if (!workers.isEmpty()) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for somebody to serve; those to serve now by what they want, in the order in which they came. */
    Map<Selection, List<Waiting>> nextRound() throws InterruptedException {
        lock.lock();
        try {
            long begun = System.nanoTime();
            long left = LOOK_NANOS;
            while (open
                    && left > 0
                    && (workers.isEmpty() || !called && workers.stream().noneMatch(Waiting::isNews))) {
                changed.awaitNanos(Math.min(left, untilDeadline()));
                left = LOOK_NANOS - (System.nanoTime() - begun);
            }
            boolean all = called || left <= 0;
            called = false;
            Map<Selection, List<Waiting>> round = new LinkedHashMap<>();
            for (Waiting one : workers) {
                if ((all || one.fresh) && !one.answer.isDone()) {
                    round.computeIfAbsent(one.wish.selection(), _ -> new ArrayList<>())
                            .add(one);
                }
                one.fresh = false;
            }
            return round;
        } finally {
            lock.unlock();
        }
    }

    private long untilDeadline() {
        long now = System.nanoTime();
        return workers.stream()
                .mapToLong(one -> Math.max(1, one.deadline - now))
                .min()
                .orElse(LOOK_NANOS);
    }

    /** Answers those whose patience is over with nothing, and forgets those who have gone. */
    void dismiss() {
        List<Waiting> gone = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Waiting> all = workers.iterator(); all.hasNext(); ) {
                Waiting one = all.next();
                if (one.answer.isDone() || one.isOver() && !one.fresh) {
                    all.remove();
                    gone.add(one);
                }
            }
        } finally {
            lock.unlock();
        }
        gone.forEach(one -> one.answer.complete(List.of()));
    }

    boolean isOpen() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    void open() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
    }

    /** Sends everybody away with nothing, and lets nobody in any more. */
    void close() {
        List<Waiting> left;
        lock.lock();
        try {
            open = false;
            left = List.copyOf(workers);
            workers.clear();
            changed.signal();
        } finally {
            lock.unlock();
        }
        left.forEach(one -> one.answer.complete(List.of()));
    }
}
