package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All runs as they were at a moment, in the order of their creation, which never changes, and slice by slice. The runs of
 * a project are looked at in windows, so that no statement takes long however few are wanted; those that changed since
 * are folded, and then asked once more whether they are wanted. So there may be any number of them.
 */
final class RunSlices {

    private static final RunSort OLDEST_FIRST = new RunSort(RunSort.Field.CREATED_AT, false);

    private final ProjectReader reader;
    private final RunList list;
    private final RunPast past;
    private final Bounds bounds;

    RunSlices(ProjectReader reader, RunList list, RunPast past, Bounds bounds) {
        this.reader = reader;
        this.list = list;
        this.past = past;
        this.bounds = bounds;
    }

    /**
     * How much is taken at once.
     *
     * @param window runs that one statement looks at
     * @param runs in a slice
     * @param bytes of JSON values in a slice, unless it is one run only
     */
    record Bounds(int window, int runs, long bytes) {

        static final Bounds DEFAULT = of(500);

        /** Slices of at most so many runs. */
        static Bounds of(int runs) {
            return new Bounds(5_000, runs, 1 << 20);
        }
    }

    /**
     * Some runs.
     *
     * @param end where the next slice begins; null when this was the last one
     */
    record Slice(List<RunRow> runs, @Nullable RunPlace end) {}

    /** The next runs that the filter wants; perhaps none, and yet there are others. */
    Slice after(@Nullable RunPlace place, RunFilter filter, LedgerMoment moment) {
        RunPlace windowEnd = endOfWindow(place, filter, moment);
        RunFilter candidates = candidates(filter, windowEnd, moment);
        RunRelation runs = past.relation(moment, candidates, true);
        RunListQuery query =
                new RunListQuery(candidates, OLDEST_FIRST, place, false, bounds.runs(), 0, false, "", null);
        RunList.Rows rows = list.read(query, runs, bounds.bytes());
        List<RunRow> found = new ArrayList<>();
        Set<RunId> unwanted = new HashSet<>();
        long bytes = 0;
        Iterator<RunRow> asTheyWere = past.rows(filter.project(), rows.inReadingOrder(), runs, moment);
        for (RunRow row : rows.inReadingOrder()) {
            RunRow then = asTheyWere.next();
            found.add(then);
            if (runs.needsFold().test(row) && !filter.isLasting()) {
                unwanted.add(row.id);
            }
            bytes += RunColumns.largeCharacters(then);
            if (bytes >= bounds.bytes()) {
                break;
            }
        }
        boolean isAll = !rows.more() && found.size() == rows.inReadingOrder().size();
        RunPlace end = isAll ? windowEnd : OLDEST_FIRST.placeOf(found.getLast());
        if (!unwanted.isEmpty()) {
            unwanted.removeAll(past.matching(unwanted, moment, filter));
            found.removeIf(row -> unwanted.contains(row.id));
        }
        return new Slice(found, end);
    }

    /** What the filter wants for ever, and may want of the rest: what a run was before it changed is not known yet. */
    private static RunFilter candidates(RunFilter filter, @Nullable RunPlace windowEnd, LedgerMoment moment) {
        List<RunCondition> conditions = new ArrayList<>();
        conditions.add(filter.lasting());
        if (!filter.isLasting()) {
            RunCondition changed = RunCondition.of("position", "position > ?", moment.position());
            conditions.add(RunCondition.any(List.of(changed, filter.all())));
        }
        if (windowEnd != null) {
            conditions.add(OLDEST_FIRST.upTo(windowEnd));
        }
        return new RunFilter(filter.project(), conditions);
    }

    /** The last run that is looked at together with the next ones; null when that is all that are left. */
    private @Nullable RunPlace endOfWindow(@Nullable RunPlace place, RunFilter filter, LedgerMoment moment) {
        RunCondition ofProject = RunCondition.of("project", "project = ?", filter.project());
        List<RunPlace> ends =
                places(filter.project(), ofProject, place, moment, "offset " + (bounds.window() - 1) + " limit 1");
        return ends.isEmpty() ? null : ends.getFirst();
    }

    /** Where a run of a project stands among all; null when there was none then. */
    @Nullable
    RunPlace placeOf(String project, RunId id, LedgerMoment moment) {
        RunCondition isThis = RunCondition.of("id", "project = ? and id = ?", project, id.value());
        List<RunPlace> places = places(project, isThis, null, moment, "");
        return places.isEmpty() ? null : places.getFirst();
    }

    private List<RunPlace> places(
            String project, RunCondition which, @Nullable RunPlace after, LedgerMoment moment, String limit) {
        RunStretch stretch = OLDEST_FIRST.stretches(after, false).getFirst();
        List<RunCondition> conditions = new ArrayList<>(stretch.conditions());
        conditions.add(which);
        conditions.add(RunCondition.of("first_position", "first_position <= ?", moment.position()));
        RunCondition where = RunCondition.all(conditions);
        String sql = "select created_at, id from " + RunRelation.VIEW + " where " + where.sql() + " order by "
                + stretch.order() + " " + limit;
        return reader.list(
                project,
                Plan.ANEW,
                sql,
                where.values(),
                (row, _) -> new RunPlace(
                        row.getObject("created_at", OffsetDateTime.class)
                                .toInstant()
                                .toString(),
                        new RunId(row.getObject("id", UUID.class)),
                        null));
    }
}
