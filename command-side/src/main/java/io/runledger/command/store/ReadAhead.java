package io.runledger.command.store;

import io.runledger.api.RecentlyUsed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Events of runs that were read at once, for commands that are about to load each run by itself. They may be stale, as a
 * remembered run may be (ADR 4); so those of a run are taken once, and soon, or not at all.
 */
final class ReadAhead {

    private static final long MOST_BYTES = 16 << 20;

    /** Beside its payload. */
    private static final int BYTES_AN_EVENT = 1 << 10;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RecentlyUsed<String, Events> runs = new RecentlyUsed<>(MOST_BYTES, Events::bytes);

    private record Events(List<EventRow> rows, long readAt) {

        private boolean isFresh() {
            return System.nanoTime() - readAt <= FRESH_NANOS;
        }

        private long bytes() {
            return rows.stream()
                    .mapToLong(row -> BYTES_AN_EVENT + (long) row.bytes())
                    .sum();
        }
    }

    /**
     * Keeps these events for a while.
     *
     * @param rows all that each of their runs has, in its order
     * @param whole whether the last run too has no more than these
     */
    void put(List<EventRow> rows, boolean whole) {
        long now = System.nanoTime();
        Map<String, List<EventRow>> byRun = new LinkedHashMap<>();
        rows.forEach(row -> byRun.computeIfAbsent(row.aggregateIdentifier(), _ -> new ArrayList<>())
                .add(row));
        if (!whole && !rows.isEmpty()) {
            byRun.remove(rows.getLast().aggregateIdentifier());
        }
        byRun.forEach((run, events) -> runs.put(run, new Events(events, now)));
    }

    /** The events of this run, which are no longer here then; none when they are not here, or too old. */
    List<EventRow> take(String run) {
        Events events = runs.get(run);
        runs.remove(run);
        return events == null || !events.isFresh() ? List.of() : events.rows();
    }

    /** Whether the events of this run can be taken. */
    boolean contains(String run) {
        Events events = runs.get(run);
        return events != null && events.isFresh();
    }
}
