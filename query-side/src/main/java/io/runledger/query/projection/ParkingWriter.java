package io.runledger.query.projection;

import io.runledger.api.RunId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Writes events into a generation and parks the runs whose events it cannot take, so that the others go on. Never parks
 * for what may pass, like a database that is away: that stops the writing until it works again.
 */
final class ParkingWriter {

    /** Classes of SQL errors that lie in what is written: data, constraints, limits, and what a trigger raises. */
    private static final Set<String> FAULTS_OF_DATA = Set.of("22", "23", "54", "P0");

    private final ProjectedView.Writer writer;
    private final DeadLetters letters;
    private final int generation;
    private final TransactionOperations savepoints;

    /**
     * @param savepoints runs an action within the caller's transaction so that it alone can be undone
     */
    ParkingWriter(ProjectedView.Writer writer, DeadLetters letters, int generation, TransactionOperations savepoints) {
        this.writer = writer;
        this.letters = letters;
        this.generation = generation;
        this.savepoints = savepoints;
    }

    /** Writes what can be written of these events, in the caller's transaction. */
    void write(List<ReadEvent> events) {
        List<ReadEvent> takeable = withoutParked(events);
        RuntimeException fault = attempt(takeable);
        if (fault != null) {
            Map<RunId, List<ReadEvent>> byRun = new LinkedHashMap<>();
            takeable.forEach(event ->
                    byRun.computeIfAbsent(event.runId(), _ -> new ArrayList<>()).add(event));
            split(List.copyOf(byRun.values()));
        }
    }

    private List<ReadEvent> withoutParked(List<ReadEvent> events) {
        Set<RunId> runs = new LinkedHashSet<>();
        events.forEach(event -> runs.add(event.runId()));
        Set<RunId> parked = new HashSet<>(letters.parked(generation, runs));
        List<ReadEvent> takeable = new ArrayList<>(events.size());
        for (ReadEvent event : events) {
            if (parked.contains(event.runId())) {
                letters.follow(generation, event);
            } else if (event.event() == null) {
                letters.park(generation, event, event.reason());
                parked.add(event.runId());
            } else {
                takeable.add(event);
            }
        }
        return takeable;
    }

    /** Halves the runs until the one that cannot be written is alone. */
    private void split(List<List<ReadEvent>> runs) {
        if (runs.size() == 1) {
            writeOneByOne(runs.getFirst());
            return;
        }
        int middle = runs.size() / 2;
        for (List<List<ReadEvent>> half : List.of(runs.subList(0, middle), runs.subList(middle, runs.size()))) {
            List<ReadEvent> events = half.stream().flatMap(List::stream).toList();
            if (attempt(events) != null) {
                split(half);
            }
        }
    }

    private void writeOneByOne(List<ReadEvent> ofOneRun) {
        boolean parked = false;
        for (ReadEvent event : ofOneRun) {
            if (parked) {
                letters.follow(generation, event);
                continue;
            }
            RuntimeException fault = attempt(List.of(event));
            if (fault != null) {
                letters.park(generation, event, fault);
                parked = true;
            }
        }
    }

    /** Null when it worked; otherwise nothing was written, and what was wrong with the events. */
    private @Nullable RuntimeException attempt(List<ReadEvent> events) {
        List<RecordedEvent> readable = new ArrayList<>(events.size());
        for (ReadEvent event : events) {
            readable.add(Objects.requireNonNull(event.event()));
        }
        try {
            savepoints.executeWithoutResult(_ -> writer.write(readable));
            return null;
        } catch (RuntimeException e) {
            writer.forget();
            if (!isFaultOfData(e)) {
                throw e;
            }
            return e;
        }
    }

    /** Lets go of what the writer remembers; needed after a rollback that it does not know of. */
    void forget() {
        writer.forget();
    }

    static boolean isFaultOfData(RuntimeException failure) {
        if (failure instanceof TransactionException) {
            return false;
        }
        if (!(failure instanceof DataAccessException)) {
            // Not the database: the fold refused the event.
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return FAULTS_OF_DATA.contains(sql.getSQLState().substring(0, 2));
            }
        }
        return false;
    }
}
