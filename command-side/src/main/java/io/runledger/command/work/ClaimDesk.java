package io.runledger.command.work;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.WorkChannels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Hands queued runs out to the workers that ask at this node. A worker that waits costs neither a thread nor a question
 * to the database: one thread serves all who want the same in one statement, when somebody comes and when any node has
 * queued something. A run is handed out by starting it, so the ledger and the queue cannot disagree.
 */
public final class ClaimDesk implements SmartLifecycle {

    /** Of one round; those who get nothing are served in the next, which follows at once. */
    private static final int MOST_RUNS = 200;

    /** How often to look without being told: the signal may be away, and a picked run may have been left. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Reservations reservations;
    private final RunCommands commands;
    private final int mostWaiting;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private boolean called;
    private boolean open;
    private @Nullable Thread thread;
    private final ExecutorService starters = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("claim-", 0).factory());

    ClaimDesk(Reservations reservations, RunCommands commands, int mostWaiting) {
        this.reservations = reservations;
        this.commands = commands;
        this.mostWaiting = mostWaiting;
    }

    /**
     * What a worker wants.
     *
     * @param max at most so many runs at once
     * @param patience how long to wait for the first; zero to be answered at once
     * @param start the command that starts a run for this worker
     */
    public record Wish(Selection selection, int max, Duration patience, Function<RunId, RunCommand> start) {}

    private static final class Waiting {

        final Wish wish;
        final long deadline;
        final CompletableFuture<List<Outcome>> answer = new CompletableFuture<>();
        boolean fresh = true;

        Waiting(Wish wish) {
            this.wish = wish;
            this.deadline = System.nanoTime() + wish.patience().toNanos();
        }

        /** Whether there is something to do for it that no signal tells of. */
        boolean isNews() {
            return fresh || isOver() || answer.isDone();
        }

        boolean isOver() {
            return System.nanoTime() - deadline >= 0;
        }
    }

    void listenTo(WorkSignal signal) {
        signal.on(WorkChannels.QUEUE, this::call);
    }

    /**
     * Starts runs for a worker, the most urgent first; none when there were none within its patience. Cancelling the
     * answer takes the worker out of the line.
     *
     * @throws Problem when more wait already than this node serves
     */
    public CompletableFuture<List<Outcome>> claim(Wish wish) {
        Waiting worker = new Waiting(wish);
        lock.lock();
        try {
            if (!open || waiting.size() >= mostWaiting) {
                throw new Problem(
                        ProblemCode.UNAVAILABLE,
                        open ? "Too many workers wait at this node; try again." : "The ledger is shutting down.");
            }
            waiting.add(worker);
            changed.signal();
        } finally {
            lock.unlock();
        }
        return worker.answer;
    }

    /** How many workers wait. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void call() {
        lock.lock();
        try {
            called = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                for (Map.Entry<Selection, List<Waiting>> same : nextRound().entrySet()) {
                    serve(same.getKey(), same.getValue());
                }
                dismiss();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    /** Those to serve next, by what they want, in the order in which they came. */
    private Map<Selection, List<Waiting>> nextRound() throws InterruptedException {
        lock.lock();
        try {
            long begun = System.nanoTime();
            long left = LOOK_NANOS;
            while (left > 0 && (waiting.isEmpty() || !called && waiting.stream().noneMatch(Waiting::isNews))) {
                changed.awaitNanos(Math.min(left, untilDeadline()));
                left = LOOK_NANOS - (System.nanoTime() - begun);
            }
            boolean all = called || left <= 0;
            called = false;
            Map<Selection, List<Waiting>> round = new LinkedHashMap<>();
            for (Waiting one : waiting) {
                if (all || one.fresh) {
                    one.fresh = false;
                    round.computeIfAbsent(one.wish.selection(), _ -> new ArrayList<>())
                            .add(one);
                }
            }
            return round;
        } finally {
            lock.unlock();
        }
    }

    private long untilDeadline() {
        long now = System.nanoTime();
        return waiting.stream()
                .mapToLong(one -> Math.max(1, one.deadline - now))
                .min()
                .orElse(LOOK_NANOS);
    }

    private void serve(Selection selection, List<Waiting> workers) {
        int wanted = workers.stream().mapToInt(one -> one.wish.max()).sum();
        int most = Math.min(wanted, MOST_RUNS);
        List<RunId> runs;
        try {
            runs = reservations.reserve(selection, most);
        } catch (RuntimeException e) {
            leave(workers);
            workers.forEach(one -> one.answer.completeExceptionally(e));
            return;
        }
        int from = 0;
        for (Waiting one : workers) {
            int to = Math.min(runs.size(), from + one.wish.max());
            if (to > from && !one.answer.isDone()) {
                List<RunId> share = runs.subList(from, to);
                from = to;
                leave(List.of(one));
                starters.execute(() -> start(one, share));
            }
        }
        if (runs.size() == most && wanted > most) {
            call();
        }
    }

    private void start(Waiting worker, List<RunId> runs) {
        List<CompletableFuture<List<Outcome>>> starts = runs.stream()
                .map(run -> CompletableFuture.supplyAsync(
                        () -> start(worker.wish.start().apply(run)), starters))
                .toList();
        List<Outcome> started = new ArrayList<>();
        RuntimeException failure = null;
        for (CompletableFuture<List<Outcome>> start : starts) {
            try {
                started.addAll(start.join());
            } catch (CompletionException e) {
                failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (started.isEmpty() && failure != null) {
            worker.answer.completeExceptionally(failure);
        } else if (started.isEmpty() && !worker.isOver()) {
            comeBack(worker);
        } else {
            worker.answer.complete(started);
        }
    }

    /** What starting it came to; nothing when somebody else was first, or it is not queued any more. */
    private List<Outcome> start(RunCommand start) {
        try {
            return List.of(commands.send(start));
        } catch (Problem refused) {
            if (refused.code() == ProblemCode.UNAVAILABLE) {
                throw refused;
            }
            return List.of();
        }
    }

    private void comeBack(Waiting worker) {
        lock.lock();
        try {
            worker.fresh = true;
            waiting.add(worker);
            changed.signal();
            if (open) {
                return;
            }
        } finally {
            lock.unlock();
        }
        close();
    }

    private void leave(List<Waiting> workers) {
        lock.lock();
        try {
            workers.forEach(waiting::remove);
        } finally {
            lock.unlock();
        }
    }

    /** Answers those whose patience is over, and forgets those who have gone. */
    private void dismiss() {
        List<Waiting> gone = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
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

    private void close() {
        List<Waiting> left;
        lock.lock();
        try {
            open = false;
            left = List.copyOf(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(one -> one.answer.complete(List.of()));
    }

    @Override
    public void start() {
        lock.lock();
        try {
            open = true;
            thread = Thread.ofPlatform().name("claim-desk").daemon().start(this::run);
        } finally {
            lock.unlock();
        }
    }

    /** Sends everybody away with nothing; what is being started is still answered. */
    @Override
    public void stop() {
        Thread serving = thread;
        if (serving != null) {
            serving.interrupt();
        }
        close();
    }

    @Override
    public boolean isRunning() {
        return open;
    }
}
