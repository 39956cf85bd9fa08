package io.runledger.query.projection;

import io.runledger.api.RunId;
import io.runledger.query.projection.EventSlices.Slice;
import io.runledger.query.projection.Generations.Serving;
import io.runledger.query.projection.Rebuilds.Entry;
import io.runledger.query.projection.Rebuilds.Status;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Builds the next generation of a view beside the one that serves, compares the two, and lets the new one serve. All that
 * it knows stands in the database, in the transaction that wrote it: after a crash another attempt goes on from there.
 */
final class Rebuild {

    /** Fewer events than these are added while the live view waits for the switch. */
    private static final int LAST_EVENTS = 2_000;

    /** Runs beyond these, touched while generations are compared, are left out of the comparison. */
    private static final int TOUCHED = 200_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final ViewStore store;
    private final EventStorageEngine events;
    private final ViewPosition live;
    private final Entry entry;
    private final Runnable goOn;
    private final LongStatements statements;
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
        this.statements = new LongStatements(store, goOn);
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
        statements.runAll(store.generations().missingIndexes(entry.generation()));
        catchUp();
        compareBeside(this::makeTriggersAndStatistics);
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

    private void makeTriggersAndStatistics() {
        if (!store.generations().hasTriggers(entry.generation())) {
            store.view().triggers(table()).ifPresent(statements::run);
        }
        statements.run("analyze " + table());
    }

    /** Most of the comparison, beside work on the new generation; both may move on: what moves is left for later. */
    private void compareBeside(Runnable work) throws InterruptedException {
        Serving serving = store.generations().serving();
        boolean whole = serving.schemaVersion() == entry.schemaVersion();
        Comparison begun =
                new Comparison(store.jdbc(), store.generations().table(serving.generation()), table(), whole);
        comparison = begun;
        long common = Math.min(position, live.current());
        try (ExecutorService comparing = Executors.newSingleThreadExecutor()) {
            Future<?> compared = comparing.submit(() -> begun.all(common, goOn));
            work.run();
            LongStatements.await(compared);
        }
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
