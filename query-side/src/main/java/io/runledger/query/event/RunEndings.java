package io.runledger.query.event;

import io.runledger.api.AwaitRunEnd;
import io.runledger.api.FindRun;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.run.RunQueries;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.axonframework.queryhandling.QueryHandler;
import org.springframework.context.SmartLifecycle;

/** Answers those who wait for runs to end; waiting costs them no thread, and the database no question. */
public final class RunEndings implements SmartLifecycle {

    private final Tail tail;
    private final RunQueries runs;
    private final Semaphore places;
    private final Set<Ending> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean running;
    private final ExecutorService readers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("run-ending-", 0).factory());

    /** At most so many wait at once; the others are answered without waiting. */
    RunEndings(Tail tail, RunQueries runs, int mostWaiting) {
        this.tail = tail;
        this.runs = runs;
        this.places = new Semaphore(mostWaiting);
    }

    /** The run when it has ended, or when the patience is over. */
    @QueryHandler
    public CompletableFuture<RunView> handle(AwaitRunEnd query) {
        FindRun find = FindRun.latest(query.project(), query.runId());
        if (!running || !places.tryAcquire()) {
            return CompletableFuture.completedFuture(runs.handle(find));
        }
        Ending ending = new Ending(new Subject.OfRun(query.project(), query.runId()), new CompletableFuture<>());
        waiting.add(ending);
        tail.add(ending);
        return CompletableFuture.supplyAsync(() -> runs.handle(find), readers)
                .thenCompose(now -> now.status().isEnd()
                        ? CompletableFuture.completedFuture(now)
                        : ending.ended()
                                .completeOnTimeout(null, query.patience().toNanos(), TimeUnit.NANOSECONDS)
                                .thenApplyAsync(_ -> runs.handle(find), readers))
                .whenComplete((_, _) -> {
                    tail.forget(ending);
                    waiting.remove(ending);
                    places.release();
                });
    }

    /** One caller's wait for the end of a run. */
    private record Ending(Subject.OfRun subject, CompletableFuture<RunId> ended) implements Watcher {

        @Override
        public void announce(TailEvent event) {
            if (RunEvent.ENDS.contains(event.event().type())) {
                // Whoever goes on from here does so on a thread of its own: this one is the tail's.
                ended.complete(subject.run());
            }
        }

        // Two callers may wait for one run; each is somebody else.
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** How many callers wait. */
    int waiting() {
        return waiting.size();
    }

    @Override
    public void start() {
        running = true;
    }

    /** Answers everybody with the run as it is. */
    @Override
    public void stop() {
        running = false;
        waiting.forEach(ending -> ending.ended().complete(ending.subject().run()));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the web server, which waits for its last answers. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
