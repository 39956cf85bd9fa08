package io.runledger.query.projection;

import io.runledger.query.projection.Generations.Serving;
import io.runledger.query.projection.Rebuilds.Entry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the rebuilds of one view, on any node, on one at a time. A rebuild that a crash or a fault has interrupted is
 * taken up again; the view serves all the while.
 */
public final class Rebuilder {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuilder.class);

    /** How soon a rebuild goes on that was asked for on another node, or that another node has left. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final ViewStore store;
    private final EventStorageEngine events;
    private final ViewPosition live;
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean stopped;
    private @Nullable Thread thread;

    public Rebuilder(ViewStore store, EventStorageEngine events, ViewPosition live) {
        this.store = store;
        this.events = events;
        this.live = live;
    }

    /** Begins to look for work; a view that another version of the code has built is built again. */
    public synchronized void start() {
        if (thread == null) {
            stopped = false;
            thread = Thread.ofPlatform().daemon().name("view-rebuild").start(this::work);
        }
    }

    /** Ends after the transaction under way; another start, here or elsewhere, goes on. */
    public synchronized void stop() {
        Thread working = thread;
        stopped = true;
        if (working != null) {
            working.interrupt();
            try {
                working.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            thread = null;
        }
    }

    /** Looks at once whether there is something to do. */
    void wake() {
        asked.release();
    }

    private void work() {
        boolean versionChecked = false;
        Duration pause = LOOK;
        while (!stopped) {
            try {
                if (!versionChecked) {
                    requestIfOutdated();
                    versionChecked = true;
                }
                if (!workOnce(this::goOn)) {
                    await(LOOK);
                }
                pause = LOOK;
            } catch (InterruptedException | Stopped e) {
                return;
            } catch (RuntimeException e) {
                note(e);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                if (!awaitQuietly(pause)) {
                    return;
                }
            }
        }
    }

    /** Asks for a rebuild when the generation that serves was built by another version of the view. */
    public void requestIfOutdated() {
        Serving serving = store.generations().serving();
        Entry entry = store.rebuilds().last();
        int version = store.view().schemaVersion();
        if (serving.schemaVersion() == version) {
            return;
        }
        if (entry != null && entry.isRunning()) {
            if (entry.schemaVersion() == version && !entry.rollback()) {
                return;
            }
            store.rebuilds().giveUp();
        }
        LOG.info(
                "View {} was built by its version {} and is built again by version {}; the old one serves meanwhile",
                store.view().name(),
                serving.schemaVersion(),
                version);
        store.rebuilds().request();
    }

    /**
     * Carries out the rebuild that is asked for; false when there is none, or another node is at it.
     *
     * @param goOn called between transactions; throws when the building shall end here
     */
    public boolean workOnce(Runnable goOn) throws InterruptedException {
        Entry entry = store.rebuilds().last();
        if (entry == null || !entry.isRunning()) {
            sweep();
            return false;
        }
        // While nodes are being replaced: what the newer code asked for, the older cannot build.
        if (!entry.rollback() && entry.schemaVersion() != store.view().schemaVersion()) {
            return false;
        }
        try (Connection connection = store.dataSource().getConnection()) {
            if (!isTrue(connection, "select pg_try_advisory_lock(hashtextextended(?, 0))")) {
                return false;
            }
            try {
                build(entry, goOn);
            } finally {
                isTrue(connection, "select pg_advisory_unlock(hashtextextended(?, 0))");
            }
            return true;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot hold the lock of the rebuild", e);
        }
    }

    private void build(Entry entry, Runnable goOn) throws InterruptedException {
        String name = store.view().name();
        LOG.info("View {}: building generation {} from position {}", name, entry.generation(), entry.position());
        try {
            new Rebuild(store, events, live, entry, goOn).run();
            Entry end = store.rebuilds().last();
            LOG.info("View {}: generation {} serves; {} runs differed", name, entry.generation(), differing(end));
        } catch (Rebuild.NotOurs e) {
            LOG.info("View {}: generation {}: {}", name, entry.generation(), e.getMessage());
        }
    }

    private static long differing(@Nullable Entry entry) {
        return entry == null ? 0 : entry.differing();
    }

    /** Drops what a rebuild left behind that was given up. */
    private void sweep() {
        boolean isClean = store.generations().all().size()
                <= (store.generations().serving().previous() == null ? 1 : 2);
        if (isClean) {
            return;
        }
        store.transactions().executeWithoutResult(_ -> {
            Serving serving = store.generations().lockServing();
            Entry entry = store.rebuilds().last();
            if (entry != null && entry.isRunning()) {
                return;
            }
            for (int generation : store.generations().all()) {
                if (generation != serving.generation()
                        && !Integer.valueOf(generation).equals(serving.previous())) {
                    store.generations().drop(generation);
                }
            }
        });
    }

    private boolean isTrue(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, "rebuild " + store.generations().view());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private void note(RuntimeException failure) {
        LOG.warn("View {}: the rebuild pauses", store.view().name(), failure);
        try {
            Entry entry = store.rebuilds().last();
            if (entry != null && entry.isRunning()) {
                store.rebuilds().failed(entry, String.valueOf(failure.getMessage()));
            }
        } catch (RuntimeException e) {
            LOG.debug("nor can that be noted", e);
        }
    }

    private void goOn() {
        if (stopped) {
            throw new Stopped();
        }
    }

    private void await(Duration time) throws InterruptedException {
        if (asked.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
            asked.drainPermits();
        }
    }

    private boolean awaitQuietly(Duration time) {
        try {
            await(time);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Ends the building because this node stops. */
    private static final class Stopped extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }
}
