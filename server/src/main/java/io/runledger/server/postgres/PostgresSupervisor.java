package io.runledger.server.postgres;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps PostgreSQL running on its port until it is closed: a postmaster that dies before that is started again. */
final class PostgresSupervisor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresSupervisor.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration STEADY = Duration.ofMinutes(1);

    private final Cluster cluster;
    private final Startup startup;
    private final int port;
    private final Thread watcher;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Postmaster postmaster;
    private volatile boolean closed;

    private PostgresSupervisor(Cluster cluster, Port port) {
        this.cluster = cluster;
        startup = new Startup(cluster, () -> closed);
        var running = startup.start(port::choose);
        this.port = running.port();
        postmaster = running.postmaster();
        watcher = Thread.ofVirtual().name("postgres-watcher").unstarted(this::keepRunning);
    }

    static PostgresSupervisor start(Cluster cluster, Port port) {
        var supervisor = new PostgresSupervisor(cluster, port);
        supervisor.watcher.start();
        return supervisor;
    }

    int port() {
        return port;
    }

    Postmaster postmaster() {
        return postmaster;
    }

    private void keepRunning() {
        var pause = Duration.ZERO;
        while (!closed) {
            long since = System.nanoTime();
            int status = postmaster.awaitExit();
            boolean steady = System.nanoTime() - since > STEADY.toNanos();
            pause = steady ? Duration.ZERO : longer(pause);
            if (!closed) {
                log.warn(
                        "PostgreSQL went away (status {}) and is started again on port {}; see {}",
                        status,
                        port,
                        cluster.directory().log());
                restart(pause);
            }
        }
    }

    /** Never gives up: without its database the server can do nothing better than to try again. */
    private void restart(Duration firstPause) {
        var pause = firstPause;
        while (!closed) {
            Waiting.until(() -> closed, pause);
            changing.lock();
            try {
                if (!closed) {
                    postmaster.letGo();
                    postmaster = startup.start(() -> port).postmaster();
                    return;
                }
            } catch (RuntimeException e) {
                pause = longer(pause);
                log.error("PostgreSQL did not come back; next try in {} ms. {}", pause.toMillis(), e.getMessage());
            } finally {
                changing.unlock();
            }
        }
    }

    private static Duration longer(Duration pause) {
        var next = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    }

    /** Returns when no process of this PostgreSQL is left. */
    @Override
    public void close() {
        closed = true;
        changing.lock();
        try {
            postmaster.letGo();
            new ServerProcesses(cluster.directory().cluster()).stop();
            postmaster.awaitExit();
        } finally {
            changing.unlock();
        }
    }
}
