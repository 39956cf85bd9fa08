package io.runledger.query.projection;

import io.runledger.api.RunId;
import io.runledger.query.projection.EventSlices.Slice;
import io.runledger.query.projection.Generations.Serving;
import io.runledger.query.projection.Rebuilds.Entry;
import io.runledger.query.projection.Rebuilds.Status;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DataSourceUtils;

/**
 * Builds the next generation of a view beside the one that serves, compares the two, and lets the new one serve. All that
 * it knows stands in the database, in the transaction that wrote it: after a crash another attempt goes on from there.
 */
final class Rebuild {

    /** Fewer events than these are added while the live view waits for the switch. */
    private static final int LAST_EVENTS = 2_000;

    /** An index of a large view takes longer than any statement of a request may. */
    private static final int PATIENCE_MILLIS = (int) Duration.ofHours(2).toMillis();

    /** Two indexes at once take half as long as one after the other whose sorting is shared among workers. */
    private static final int INDEXES_AT_ONCE = 2;

    /** What sorts for an index may take on the database's side. */
    private static final String INDEX_MEMORY = "256MB";

    /** Runs beyond these, touched while generations are compared, are left out of the comparison. */
    private static final int TOUCHED = 200_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final ViewStore store;
    private final EventStorageEngine events;
    private final ViewPosition live;
    private final Entry entry;
    private final Runnable goOn;
    private final ParkingWriter writer;
    private final Set<RunId> touched = new HashSet<>();
    private final long startedNanos = System.nanoTime();
    private @Nullable Comparison comparison;
    private long position;
    private long written;

    /**
     * @param live how far the generation that serves has got
     * @param goOn called between transactions; throws when the building shall end here
     */
    Rebuild(ViewStore store, EventStorageEngine events, ViewPosition live, Entry entry, Runnable goOn) {
        this.store = store;
        this.events = events;
        this.live = live;
        this.entry = entry;
        this.goOn = goOn;
        this.writer = store.builder(entry.generation());
        this.position = entry.position();
    }

    /** Thrown when the rebuild was given up, or another node goes on with it. */
    static final class NotOurs extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotOurs() {
            super("the rebuild was given up, or goes on elsewhere", null, false, false);
        }
    }

    /** Builds until the new generation serves. */
    void run() throws InterruptedException {
        catchUp();
        // Only now: a tree that is built at once costs a fraction of one that grows row by row, and until then updates
        // of a row find no index to keep.
        makeIndexes();
        if (!store.generations().hasTriggers(entry.generation())) {
            goOn.run();
            store.view().triggers(table()).ifPresent(this::define);
        }
        goOn.run();
        define("analyze " + table());
        catchUp();
        compare();
        settle();
        settle();
        while (!finish()) {
            goOn.run();
            settle();
        }
    }

    private String table() {
        return store.generations().table(entry.generation());
    }

    private void catchUp() throws InterruptedException {
        try (EventSlices slices = new EventSlices(events, position)) {
            for (Slice slice = slices.next(); !slice.isEnd(); slice = slices.next()) {
                goOn.run();
                Slice next = slice;
                store.transactions().executeWithoutResult(_ -> write(next));
                passed(slice);
            }
        }
    }

    private void write(Slice slice) {
        // A generation that does not serve may lose its last moments in a crash, with its progress: they come again.
        store.jdbc().sql("set local synchronous_commit = off").update();
        if (!store.rebuilds().advance(entry, position, slice.last(), rate(slice))) {
            throw new NotOurs();
        }
        writer.write(slice.events());
    }

    private void passed(Slice slice) {
        position = slice.last();
        written += slice.events().size();
        if (comparison != null) {
            for (ReadEvent event : slice.events()) {
                if (touched.size() < TOUCHED) {
                    touched.add(event.runId());
                }
            }
        }
    }

    private double rate(Slice slice) {
        long nanos = Math.max(1, System.nanoTime() - startedNanos);
        return (written + slice.events().size()) * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }

    private void makeIndexes() throws InterruptedException {
        try (ExecutorService makers = Executors.newFixedThreadPool(INDEXES_AT_ONCE)) {
            CompletionService<Boolean> indexes = new ExecutorCompletionService<>(makers);
            int open = 0;
            for (String index : store.generations().missingIndexes(entry.generation())) {
                goOn.run();
                if (open == INDEXES_AT_ONCE) {
                    check(indexes.take());
                    open--;
                }
                indexes.submit(() -> define(index), true);
                open++;
            }
            for (; open > 0; open--) {
                check(indexes.take());
            }
        }
    }

    private static void check(Future<Boolean> done) throws InterruptedException {
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an index could not be made", e.getCause());
        }
    }

    /** Runs a statement that may take long, on a connection that waits for it. */
    private void define(String sql) {
        store.transactions().executeWithoutResult(_ -> {
            Connection connection = DataSourceUtils.getConnection(store.dataSource());
            try (Statement statement = connection.createStatement()) {
                int before = connection.getNetworkTimeout();
                connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
                try {
                    statement.execute("set local statement_timeout = " + PATIENCE_MILLIS);
                    statement.execute("set local maintenance_work_mem = '" + INDEX_MEMORY + "'");
                    statement.execute("set local max_parallel_maintenance_workers = 0");
                    statement.execute(sql);
                } finally {
                    connection.setNetworkTimeout(Runnable::run, before);
                }
            } catch (SQLException e) {
                throw new IllegalStateException("cannot do: " + sql, e);
            } finally {
                DataSourceUtils.releaseConnection(connection, store.dataSource());
            }
        });
    }

    /** Most of the comparison, while both generations may move on: what moves is left for later. */
    private void compare() {
        Serving serving = store.generations().serving();
        boolean whole = serving.schemaVersion() == entry.schemaVersion();
        comparison = new Comparison(store.jdbc(), store.generations().table(serving.generation()), table(), whole);
        comparison.all(Math.min(position, live.current()), goOn);
    }

    /** Brings the new generation up to the head and compares what has moved since. */
    private void settle() throws InterruptedException {
        catchUp();
        long common = Math.min(position, live.current());
        if (comparison != null && common > 0) {
            comparison.these(touched, common);
        }
        if (common == position) {
            touched.clear();
        }
    }

    /** The switch, in one transaction; false when it could not be had quickly, and nothing has changed. */
    private boolean finish() {
        long before = position;
        try {
            boolean done = Boolean.TRUE.equals(store.transactions().execute(transaction -> {
                boolean finished = addLastAndServe();
                if (!finished) {
                    transaction.setRollbackOnly();
                }
                return finished;
            }));
            if (!done) {
                undo(before);
            }
            return done;
        } catch (DataAccessException e) {
            // A long read holds the view: rather try again than hold up everybody who comes after it.
            if (!isLockTimeout(e)) {
                throw e;
            }
            undo(before);
            return false;
        }
    }

    private void undo(long before) {
        position = before;
        writer.forget();
    }

    private boolean addLastAndServe() {
        Serving serving = store.generations().lockServing();
        long shown = live.current();
        if (!addLast()) {
            return false;
        }
        Comparison result = Objects.requireNonNull(comparison);
        result.these(touched, shown);
        store.rebuilds().compared(result.compared(), result.differing(), result.named());
        store.generations().serve(entry.generation(), entry.schemaVersion(), serving, shown);
        if (!store.rebuilds().end(entry, Status.DONE)) {
            throw new NotOurs();
        }
        return true;
    }

    private boolean addLast() {
        long head = head();
        int added = 0;
        try (EventSlices slices = new EventSlices(events, position)) {
            while (position < head) {
                Slice slice = slices.next();
                added += slice.events().size();
                if (slice.isEnd() || added > LAST_EVENTS) {
                    return false;
                }
                write(slice);
                passed(slice);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotOurs();
        }
    }

    private long head() {
        TrackingToken head = events.createHeadToken();
        return head == null ? 0 : head.position().orElse(0);
    }

    private static boolean isLockTimeout(DataAccessException failure) {
        return failure.getMostSpecificCause() instanceof SQLException sql
                && LOCK_NOT_AVAILABLE.equals(sql.getSQLState());
    }
}
