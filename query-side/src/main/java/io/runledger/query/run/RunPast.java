package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The runs as they were at a moment, made from what they are now and from events; nothing else is kept of the past. A run
 * that did not change since is as it is. One that did is folded from its events up to that moment: only the ones on the
 * page when the filter and the sort ask for nothing that changes, all that were under way otherwise.
 */
final class RunPast {

    /** So many runs under way are folded for one answer; with more of them the question has to be narrower. */
    private static final int MOST_UNDER_WAY = 5_000;

    private static final int STRETCH_RUNS = 100;
    private static final int STRETCH_CHARACTERS = 1 << 20;

    /** Without the large values: the page's rows get them when they are folded once more. */
    private static final RunArrays ARRAYS = new RunArrays(RunColumns.SMALL);

    private static final String UNDER_WAY = "under_way as materialized (select id, "
            + RunColumns.ALL.stream().map(RunPast::read).collect(Collectors.joining(", ")) + " from "
            + ARRAYS.sql("row") + ")";

    private static final String UNCHANGED =
            "(select * from " + RunRelation.VIEW + " where position <= ? and created_at <= ?) as run";

    private static final RunRelation.Source CHANGED = new RunRelation.Source(
            "(select *, cast(null as timestamptz) as rested_at from under_way) as run", List.of());

    private static final String BEGUN =
            "(select * from " + RunRelation.VIEW + " where first_position <= ? and created_at <= ?) as run";

    private final ProjectReader reader;
    private final RunHistories histories;

    RunPast(ProjectReader reader, RunHistories histories) {
        this.reader = reader;
        this.histories = histories;
    }

    /**
     * What to ask about the runs as they were.
     *
     * @param lasting whether nothing else is asked for than what never changes
     * @throws Problem when too many runs were under way
     */
    RunRelation relation(LedgerMoment moment, RunFilter filter, boolean lasting) {
        long position = moment.position();
        List<Object> bounds = List.of(position, latest(moment));
        if (lasting) {
            return RunRelation.of(new RunRelation.Source(BEGUN, bounds), row -> row.position > position);
        }
        RunRelation.Source unchanged = new RunRelation.Source(UNCHANGED, bounds);
        List<RunRow> underWay = folded(filter.project(), underWay(moment, filter), position).stream()
                .filter(row -> filter.mayBe(row.status))
                .toList();
        if (underWay.isEmpty()) {
            return RunRelation.of(unchanged, _ -> false);
        }
        Set<RunId> changed = underWay.stream().map(row -> row.id).collect(Collectors.toSet());
        return new RunRelation(
                UNDER_WAY, parameters(underWay), List.of(unchanged, CHANGED), row -> changed.contains(row.id));
    }

    /**
     * These rows of a relation as the runs were then, whole. They are folded a few at a time, as they are asked for, so
     * that they do not all have to be held.
     */
    Iterator<RunRow> rows(String project, List<RunRow> rows, RunRelation runs, LedgerMoment moment) {
        return stretches(rows).stream()
                .flatMap(stretch -> {
                    List<RunId> changed = stretch.stream()
                            .filter(runs.needsFold())
                            .map(row -> row.id)
                            .toList();
                    Map<RunId, RunRow> then =
                            changed.isEmpty() ? Map.of() : histories.atPosition(project, changed, moment.position());
                    return stretch.stream().map(row -> then.getOrDefault(row.id, row));
                })
                .iterator();
    }

    /** Some rows each, that together are not large now; most values of a run do not change. */
    private static List<List<RunRow>> stretches(List<RunRow> rows) {
        List<List<RunRow>> stretches = new ArrayList<>();
        long characters = STRETCH_CHARACTERS;
        for (RunRow row : rows) {
            if (characters >= STRETCH_CHARACTERS || stretches.getLast().size() == STRETCH_RUNS) {
                stretches.add(new ArrayList<>());
                characters = 0;
            }
            stretches.getLast().add(row);
            characters += RunColumns.largeCharacters(row);
        }
        return stretches;
    }

    /** Those of these runs, as they were, that the filter wants. */
    Set<RunId> matching(Set<RunId> runs, LedgerMoment moment, RunFilter filter) {
        List<Object> values = new ArrayList<>(parameters(folded(filter.project(), runs, moment.position())));
        values.addAll(filter.all().values());
        String sql = "with " + UNDER_WAY + " select id from under_way where "
                + filter.all().sql();
        return new HashSet<>(ids(filter.project(), Plan.ANEW, sql, values));
    }

    private List<RunId> underWay(LedgerMoment moment, RunFilter filter) {
        RunCondition lasting = filter.lasting();
        RunCondition wanted = RunCondition.all(Stream.concat(Stream.of(lasting), ended(moment, filter).stream())
                .toList());
        List<Object> values = new ArrayList<>(wanted.values());
        values.add(moment.position());
        values.addAll(wanted.values());
        values.addAll(List.of(latest(moment), moment.position(), moment.position(), MOST_UNDER_WAY + 1));
        String sql = "select id from " + RunRelation.VIEW + " where " + wanted.sql() + " and life @> cast(? as bigint)"
                + " union all select id from " + RunRelation.VIEW + " where " + wanted.sql()
                + " and rested_at is null and created_at <= ? and first_position <= ? and position > ? limit ?";
        // What else is asked for may have an index of its own.
        Plan plan = RunFilter.isEverything(lasting) ? Plan.IN_INDEX_ORDER : Plan.ANEW;
        List<RunId> ids = ids(filter.project(), plan, sql, values);
        if (ids.size() > MOST_UNDER_WAY) {
            throw Problem.badRequest(
                    AsOf.PARAMETER,
                    "more than " + MOST_UNDER_WAY + " runs that match were under way then: narrow the question by"
                            + " target, label, queue or created_after, or sort by created_at, priority or name and"
                            + " filter by what does not change in a run's life");
        }
        return ids;
    }

    /**
     * That a run had ended by then, when no other is asked for: of those that went on afterwards hardly any had, and one
     * that had not need not be folded to see it.
     */
    private static Optional<RunCondition> ended(LedgerMoment moment, RunFilter filter) {
        Set<RunStatus> statuses = filter.statuses();
        if (!statuses.stream().allMatch(RunStatus::isEnd)) {
            return Optional.empty();
        }
        String[] types = statuses.stream().map(RunPast::typeOfEnding).toArray(String[]::new);
        // Of one event and not "exists", which a kept plan could turn into a join with all events.
        String sql = "(select true from of_project.event as event where event.run_id = run.id"
                + " and event.position <= ? and event.type = any(?) limit 1)";
        return Optional.of(RunCondition.of("status", sql, moment.position(), types));
    }

    /** The type of the event with which a run gets this status. */
    static String typeOfEnding(RunStatus status) {
        return "run." + (status == RunStatus.INVALID ? "invalidated" : status.wireName());
    }

    private List<RunId> ids(String project, Plan plan, String sql, List<Object> values) {
        return reader.list(project, plan, sql, values, (row, _) -> new RunId(row.getObject("id", UUID.class)));
    }

    private static OffsetDateTime latest(LedgerMoment moment) {
        return moment.latest().atOffset(ZoneOffset.UTC);
    }

    private Collection<RunRow> folded(String project, Collection<RunId> ids, long position) {
        return histories.atPosition(project, ids, position).values();
    }

    private static List<Object> parameters(Collection<RunRow> rows) {
        return ARRAYS.parameters(rows.stream().map(ARRAYS::texts).toList());
    }

    private static String read(RunColumn<?> column) {
        if (column.isLarge()) {
            // The table has artifacts for every run, if only an empty list.
            return column.name().equals("artifacts") ? "'[]' as artifacts" : "cast(null as text) as " + column.name();
        }
        // The table's collations: a union of two would have none, and no index would give its order.
        return Set.of("name", "status").contains(column.name())
                ? "%1$s collate \"C\" as %1$s".formatted(column.name())
                : column.name();
    }
}
