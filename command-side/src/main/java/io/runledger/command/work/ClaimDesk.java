package io.runledger.command.work;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.command.Futures;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.WorkChannels;
import io.runledger.command.work.WaitingLine.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

    /** How long a stop waits for the round that is under way. */
    private static final Duration STOP = Duration.ofSeconds(5);

    private final Reservations reservations;
    private final Prefetch prefetch;
    private final RunCommands commands;
    private final WaitingLine line;
    private volatile @Nullable Thread thread;
    private final ExecutorService starters = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("claim-", 0).factory());

    ClaimDesk(Reservations reservations, RunCommands commands, int mostWaiting) {
        this.reservations = reservations;
        this.prefetch = new Prefetch(reservations, commands);
        this.commands = commands;
        this.line = new WaitingLine(mostWaiting);
    }

    /**
     * What a worker wants.
     *
     * @param max at most so many runs at once
     * @param patience how long to wait for the first; zero to be answered at once
     * @param start the command that starts a run for this worker
     */
    public record Wish(Selection selection, int max, Duration patience, Function<RunId, RunCommand> start) {}

    void listenTo(WorkSignal signal) {
        signal.on(WorkChannels.QUEUE, line::call);
    }

    /**
     * Starts runs for a worker, the most urgent first; none when there were none within its patience. Cancelling the
     * answer takes the worker out of the line.
     *
     * @throws Problem when more wait already than this node serves
     */
    public CompletableFuture<List<Outcome>> claim(Wish wish) {
        return line.join(wish).answer();
    }

    /** How many workers wait. */
    public int waiting() {
        return line.size();
    }

    private void run() {
        try {
            while (line.isOpen()) {
                for (Map.Entry<Selection, List<Waiting>> same : line.nextRound().entrySet()) {
                    serve(same.getKey(), same.getValue());
                }
                line.dismiss();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            line.close();
        }
    }

    private void serve(Selection selection, List<Waiting> workers) {
        int wanted = workers.stream().mapToInt(one -> one.wish().max()).sum();
        int most = Math.min(wanted, MOST_RUNS);
        List<RunId> runs;
        try {
            runs = reservations.reserve(selection, most);
            prefetch.read(selection, runs);
        } catch (RuntimeException e) {
            workers.forEach(one -> {
                line.leave(one);
                one.answer().completeExceptionally(e);
            });
            return;
        }
        int from = 0;
        for (Waiting one : workers) {
            int to = Math.min(runs.size(), from + one.wish().max());
            if (to > from && !one.answer().isDone()) {
                List<RunId> share = runs.subList(from, to);
                from = to;
                line.leave(one);
                starters.execute(() -> start(one, share));
            }
        }
        if (runs.size() == most && wanted > most) {
            line.call();
        }
    }

    private void start(Waiting worker, List<RunId> runs) {
        List<CompletableFuture<List<Outcome>>> starts = runs.stream()
                .map(run -> CompletableFuture.supplyAsync(
                        () -> start(worker.wish().start().apply(run)), starters))
                .toList();
        List<Outcome> started = new ArrayList<>();
        RuntimeException failure = null;
        for (CompletableFuture<List<Outcome>> start : starts) {
            try {
                started.addAll(Futures.join(start));
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (started.isEmpty() && failure != null) {
            worker.answer().completeExceptionally(failure);
        } else if (started.isEmpty() && !worker.isOver()) {
            line.comeBack(worker);
        } else {
            worker.answer().complete(started);
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

    @Override
    public void start() {
        line.open();
        thread = Thread.ofPlatform().name("claim-desk").daemon().start(this::run);
    }

    /** Sends everybody away with nothing; what is being started is still answered. */
    @Override
    public void stop() {
        line.close();
        Thread serving = thread;
        thread = null;
        if (serving != null) {
            try {
                serving.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
