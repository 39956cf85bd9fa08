package io.runledger.query.run;

import io.runledger.api.RunEvent.RunArtifactAdded;
import io.runledger.api.RunId;
import io.runledger.query.projection.ProjectedView;
import io.runledger.query.projection.RecordedEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folds slices of events into the rows of one generation: reads the rows that it needs at once, and writes each touched
 * run once. As the only writer it remembers the rows it wrote last, and copies those of new runs without looking for them.
 */
final class RunRows implements ProjectedView.Writer {

    /** A remembered row has no large values; with its labels it takes a kilobyte or two. */
    private static final int REMEMBERED = 10_000;

    private final RunTable table;
    private final Fold fold;
    private final @Nullable RunCopy newcomers;
    private final Map<RunId, RunRow> remembered = new LinkedHashMap<>(16, 0.75f, true);

    /** What an event does to its row. */
    interface Fold {
        void apply(RunRow row, RecordedEvent event);
    }

    /**
     * Nothing is written yet.
     *
     * @param newcomers where the rows of new runs go when nobody else writes to the table; null when somebody may
     */
    RunRows(RunTable table, Fold fold, @Nullable RunCopy newcomers) {
        this.table = table;
        this.fold = fold;
        this.newcomers = newcomers;
    }

    @Override
    public void write(List<RecordedEvent> events) {
        Map<RunId, RunRow> rows = rows(events);
        Set<RunId> known = Set.copyOf(rows.keySet());
        Map<RunId, RunRow> changed = new LinkedHashMap<>();
        for (RecordedEvent event : events) {
            RunRow row = rows.computeIfAbsent(event.runId(), RunRow::new);
            if (event.sequence() > row.version) {
                fold.apply(row, event);
                changed.put(row.id, row);
            }
        }
        if (newcomers == null) {
            table.save(changed.values());
        } else {
            Map<RunId, RunRow> added = new LinkedHashMap<>(changed);
            added.keySet().removeAll(known);
            table.save(changed.values().stream()
                    .filter(row -> known.contains(row.id))
                    .toList());
            newcomers.add(added.values());
            changed.values().forEach(this::remember);
        }
    }

    @Override
    public void forget() {
        remembered.clear();
    }

    /** The rows that these events are folded into, as far as there are any. */
    private Map<RunId, RunRow> rows(List<RecordedEvent> events) {
        Set<RunId> withArtifacts = new LinkedHashSet<>();
        for (RecordedEvent event : events) {
            if (event.event() instanceof RunArtifactAdded) {
                withArtifacts.add(event.runId());
            }
        }
        Map<RunId, RunRow> rows = new HashMap<>();
        Set<RunId> met = new LinkedHashSet<>();
        List<RunId> unknown = new ArrayList<>();
        for (RecordedEvent event : events) {
            if (met.add(event.runId())) {
                RunRow row = recall(event.runId(), withArtifacts);
                if (row != null) {
                    rows.put(row.id, row);
                } else if (newcomers == null || event.sequence() > 0) {
                    unknown.add(event.runId());
                }
            }
        }
        if (!unknown.isEmpty()) {
            rows.putAll(table.load(unknown, withArtifacts));
        }
        return rows;
    }

    private @Nullable RunRow recall(RunId id, Set<RunId> withArtifacts) {
        return withArtifacts.contains(id) ? null : remembered.get(id);
    }

    private void remember(RunRow row) {
        if (row.tasks != null) {
            // A run may have a thousand tasks, and cannot be folded on without them.
            remembered.remove(row.id);
            return;
        }
        // They are in the table now; null says that they have not changed since.
        row.metadata = null;
        row.input = null;
        row.config = null;
        row.output = null;
        row.checkpoint = null;
        row.errorDetails = null;
        row.artifacts = null;
        remembered.put(row.id, row);
        if (remembered.size() > REMEMBERED) {
            remembered.remove(remembered.keySet().iterator().next());
        }
    }
}
