package io.runledger.query.run;

import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts runs. Questions about status, kind, target, queue and stage alone are answered from counters that the view keeps;
 * any other one reads a bounded number of runs and says when there are more.
 */
final class RunCounts {

    /** So many runs are read for one answer, where there are no counters. */
    private static final int MOST_READ = 100_000;

    private static final int MOST_GROUPS = 1_000;

    /** So many runs tell how long runs take: the ones that finished last. */
    private static final int MOST_TIMED = 10_000;

    private static final String COUNTERS = """
            (select project, split_part(target, ':', 1) as kind, target, queue, nullif(stage, '') as stage, status,
                case when task then project end as parent_id, n
             from of_project.run_count where generation =
                (select 'run_' || generation from of_project.projection where name = 'run')) as run""";

    private static final RunRelation COUNTED = RunRelation.of(new RunRelation.Source(COUNTERS, List.of()), _ -> false);

    private final ProjectReader reader;
    private final RunPast past;

    RunCounts(ProjectReader reader, RunPast past) {
        this.reader = reader;
        this.past = past;
    }

    /** The numbers as they were at this moment, or as they are when it is null. */
    RunStats stats(RunStatsQuery query, @Nullable LedgerMoment moment) {
        RunRelation runs = moment == null ? RunRelation.NOW : past.relation(moment, query.filter(), false);
        Tally tally = moment == null && query.isCounted()
                ? tally(query, COUNTED, "n", "")
                : tally(query, runs, "1", " limit " + (MOST_READ + 1));
        boolean atLeast = !(moment == null && query.isCounted()) && tally.total > MOST_READ;
        return new RunStats(
                tally.total,
                atLeast ? Boolean.TRUE : null,
                tally.byStatus,
                query.group() == null ? null : tally.groups,
                tally.more ? Boolean.TRUE : null,
                durations(query.filter(), runs));
    }

    /** What rows of (is a group, key, status, count) come to. */
    private static final class Tally {

        private long total;
        private boolean more;
        private final Map<String, Long> byStatus = new LinkedHashMap<>();
        private final List<RunStats.Group> groups = new ArrayList<>();
        private long place;

        void add(boolean isGroup, long place, @Nullable String key, long keyTotal, String status, long count) {
            if (!isGroup) {
                total += count;
                byStatus.put(status, count);
            } else if (place > MOST_GROUPS) {
                more = true;
            } else {
                if (place != this.place) {
                    groups.add(new RunStats.Group(key, keyTotal, new LinkedHashMap<>()));
                    this.place = place;
                }
                groups.getLast().byStatus().put(status, count);
            }
        }
    }

    private Tally tally(RunStatsQuery query, RunRelation runs, String weight, String limit) {
        RunStatsQuery.Group group = query.group();
        RunCondition where = query.filter().all();
        String sql = runs.withClause()
                + """
                select is_group, place, key, key_total, status, n from (
                    select *, dense_rank() over (partition by is_group order by key_total desc, key) as place from (
                        select grouping(key) = 0 as is_group, key, status, sum(n) as n,
                            sum(sum(n)) over (partition by grouping(key), key) as key_total
                        from (select %s as key, status, %s as n from %s where %s%s) as counted
                        group by grouping sets ((status), (key, status))
                    ) as totals where n <> 0
                ) as placed where place <= ? or not is_group
                order by is_group, place, status""".formatted(
                                group == null ? "cast(null as text)" : group.sql(),
                                weight,
                                runs.whole().sql(),
                                where.sql(),
                                limit);
        List<Object> values = new ArrayList<>(runs.withValues());
        values.addAll(group == null ? List.of() : group.values());
        values.addAll(runs.whole().values());
        values.addAll(where.values());
        values.add(MOST_GROUPS + 1);
        Tally tally = new Tally();
        reader.each(query.filter().project(), Plan.ANEW, sql, values, row -> {
            tally.add(
                    row.getBoolean("is_group"),
                    row.getLong("place"),
                    row.getString("key"),
                    row.getLong("key_total"),
                    row.getString("status"),
                    row.getLong("n"));
        });
        return tally;
    }

    private RunStats.Durations durations(RunFilter filter, RunRelation runs) {
        RunCondition where = filter.all();
        List<Object> values = new ArrayList<>(runs.withValues());
        values.addAll(runs.whole().values());
        values.addAll(where.values());
        values.add(MOST_TIMED);
        String sql = runs.withClause() + """
                select count(*) as runs, percentile_disc(0.5) within group (order by duration_ms) as p50,
                    percentile_disc(0.95) within group (order by duration_ms) as p95
                from (select duration_ms from %s where %s and finished_at is not null and duration_ms is not null
                    order by finished_at desc, id desc limit ?) as timed""".formatted(runs.whole().sql(), where.sql());
        return reader.list(
                        filter.project(),
                        Plan.ANEW,
                        sql,
                        values,
                        (row, _) -> new RunStats.Durations(
                                row.getObject("p50", Long.class),
                                row.getObject("p95", Long.class),
                                row.getLong("runs")))
                .getFirst();
    }
}
