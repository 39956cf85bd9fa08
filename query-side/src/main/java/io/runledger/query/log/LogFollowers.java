package io.runledger.query.log;

import io.runledger.api.RunId;
import io.runledger.query.signal.CommitSignal;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Who follows the log of which run on this node; wakes them when any node has added to it. */
final class LogFollowers {

    /** What every addition notifies, with the run's id. */
    private static final String CHANNEL = "runledger_log";

    private final Map<RunId, Set<Follower>> followers = new ConcurrentHashMap<>();

    LogFollowers(CommitSignal signal) {
        signal.onMessage(CHANNEL, this::wake);
    }

    /** Lets the calling thread follow this run of a project, until that is closed. */
    Follower follow(String project, RunId run) {
        Follower follower = new Follower(project, run);
        followers.compute(run, (_, others) -> {
            Set<Follower> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(follower);
            return all;
        });
        return follower;
    }

    /** Without a run's id there may be something new for everybody. */
    private void wake(String id) {
        RunId run = RunId.parse(id);
        if (run == null) {
            followers.values().forEach(all -> all.forEach(Follower::wake));
        } else {
            followers.getOrDefault(run, Set.of()).forEach(Follower::wake);
        }
    }

    /** One thread that follows a log. */
    final class Follower implements AutoCloseable {

        private final String project;
        private final RunId run;
        private final Thread owner = Thread.currentThread();
        // Before it looks for the first time there may be something.
        private final AtomicBoolean news = new AtomicBoolean(true);

        private Follower(String project, RunId run) {
            this.project = project;
            this.run = run;
        }

        String project() {
            return project;
        }

        RunId run() {
            return run;
        }

        /** Says that there may be something new. */
        void wake() {
            news.set(true);
            LockSupport.unpark(owner);
        }

        /** Waits until there may be something new since the last call, for so long at most, or until it is over. */
        void await(long nanos, BooleanSupplier over) {
            long deadline = System.nanoTime() + nanos;
            long left = nanos;
            while (!news.get() && left > 0 && !over.getAsBoolean()) {
                LockSupport.parkNanos(this, left);
                left = deadline - System.nanoTime();
            }
            news.set(false);
        }

        @Override
        public void close() {
            followers.computeIfPresent(run, (_, others) -> {
                others.remove(this);
                return others.isEmpty() ? null : others;
            });
        }
    }
}
