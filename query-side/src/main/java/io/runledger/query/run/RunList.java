package io.runledger.query.run;

import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads pages of runs by keyset: one statement a page, as quick at the end of a list as at its start. */
final class RunList {

    /** A page ends early when its JSON values have so many bytes, so that memory stays bounded. */
    private static final long PAGE_BYTES = 8 << 20;

    /** Further than this is not counted: the answer then says "at least". */
    private static final int COUNTED = 10_000;

    private static final String COLUMNS = RunColumns.names(RunColumns.ALL);

    /** How much a row has to send, told from its size in storage, without reading it. */
    private static final String BYTES = RunColumns.LARGE.stream()
            .map(column -> "coalesce(octet_length(" + column.name() + "), 0)")
            .collect(Collectors.joining(" + "));

    private final JdbcClient jdbc;
    private final Cursors cursors;
    private final RunPast past;

    RunList(JdbcClient jdbc, Cursors cursors, RunPast past) {
        this.jdbc = jdbc;
        this.cursors = cursors;
        this.past = past;
    }

    /** The page that the query asks for, of the runs as they were at this moment, or as they are when it is null. */
    RunPage page(RunListQuery query, @Nullable LedgerMoment moment) {
        boolean lasting = query.filter().isLasting() && query.sort().isLasting();
        RunRelation runs = moment == null ? RunRelation.NOW : past.relation(moment, query.filter(), lasting);
        Rows rows = read(query, runs, PAGE_BYTES);
        if (moment != null) {
            rows = asOf(moment, runs, rows);
        }
        List<RunRow> page = query.backwards() ? rows.inReadingOrder().reversed() : rows.inReadingOrder();
        boolean backwards = query.backwards();
        // Read backwards, the page before was left for this one, so there is something after it.
        boolean more = backwards ? !page.isEmpty() : rows.more();
        boolean earlier = backwards ? rows.more() : query.place() != null || query.offset() > 0;
        String next = more ? cursor(query, page.getLast(), moment) : null;
        String previous = earlier && !page.isEmpty() ? cursor(query, page.getFirst(), moment) : null;
        List<RunView> data = page.stream().map(RunPresenter::view).toList();
        RunPage answer = new RunPage(data, more, next, previous, null, null);
        return query.counted() ? withTotal(query.filter(), runs, answer) : answer;
    }

    /** A past list's cursor carries its position, so that all its pages show the same moment. */
    private String cursor(RunListQuery query, RunRow row, @Nullable LedgerMoment moment) {
        RunPlace place = query.sort().placeOf(row);
        return cursors.print(query.identity(), (moment == null ? place : place.at(moment.position())).print());
    }

    private RunPage withTotal(RunFilter filter, RunRelation runs, RunPage page) {
        RunCondition where = filter.all();
        String sql = runs.with() + "select count(*) from (select from " + runs.sql() + " where " + where.sql()
                + " limit " + (COUNTED + 1) + ") as counted";
        long found = jdbc.sql(sql)
                .params(joined(runs.withValues(), runs.values(), where.values()))
                .query(Long.class)
                .single();
        return page.withTotal(Math.min(found, COUNTED), found > COUNTED);
    }

    /** The rows of a page, and whether there are more in the direction of reading. */
    record Rows(List<RunRow> inReadingOrder, boolean more) {}

    /** The rows as they stand in the relation; fewer than asked for when their JSON values have so many bytes. */
    Rows read(RunListQuery query, RunRelation runs, long bytes) {
        List<RunStretch> stretches = query.sort().stretches(query.place(), query.backwards());
        List<Object> values = new ArrayList<>(runs.withValues());
        for (RunStretch stretch : stretches) {
            values.addAll(runs.values());
            values.addAll(where(query.filter(), stretch).values());
            values.add(query.limit() + 1 + query.offset());
        }
        values.addAll(List.of(query.limit() + 1, query.offset(), bytes));
        long[] candidates = {0};
        List<RunRow> rows = jdbc.sql(sql(query, runs, stretches))
                .params(values)
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return RunColumns.read(row, RunColumns.ALL);
                })
                .list();
        List<RunRow> page = rows.subList(0, Math.min(rows.size(), query.limit()));
        return new Rows(page, candidates[0] > page.size());
    }

    private static RunCondition where(RunFilter filter, RunStretch stretch) {
        return RunCondition.all(Stream.concat(filter.conditions().stream(), stretch.conditions().stream())
                .toList());
    }

    private static String sql(RunListQuery query, RunRelation runs, List<RunStretch> stretches) {
        String parts = stretches.stream()
                .map(stretch -> "(select %s from %s where %s order by %s limit ?)"
                        .formatted(
                                COLUMNS,
                                runs.sql(),
                                where(query.filter(), stretch).sql(),
                                stretch.order()))
                .collect(Collectors.joining(" union all "));
        return runs.with() + """
                select %1$s, candidates from (
                    select %1$s, count(*) over () as candidates,
                        sum(%2$s) over (order by %4$s rows unbounded preceding) - (%2$s) as bytes_before
                    from (select %1$s from (%3$s) as stretches order by %4$s limit ? offset ?) as found
                ) as sized
                where bytes_before < ? order by %4$s""".formatted(COLUMNS, BYTES, parts, query.sort().orderBy(query.backwards()));
    }

    /** The same rows as they were; fewer, when they were larger then. */
    private Rows asOf(LedgerMoment moment, RunRelation runs, Rows rows) {
        List<RunRow> page = new ArrayList<>();
        long bytes = 0;
        for (RunRow row : rows.inReadingOrder()) {
            if (bytes >= PAGE_BYTES) {
                return new Rows(page, true);
            }
            RunRow then = runs.needsFold().test(row) ? past.run(row.id, moment) : row;
            bytes += RunColumns.largeCharacters(then);
            page.add(then);
        }
        return new Rows(page, rows.more());
    }

    private static List<Object> joined(List<Object> first, List<Object> second, List<Object> third) {
        return Stream.of(first, second, third).flatMap(List::stream).toList();
    }
}
