package io.runledger.query.run;

import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
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

    RunList(JdbcClient jdbc, Cursors cursors) {
        this.jdbc = jdbc;
        this.cursors = cursors;
    }

    /** The page that the query asks for. */
    RunPage page(RunListQuery query) {
        Rows rows = read(query);
        List<RunRow> page = rows.page();
        boolean backwards = query.backwards();
        // Read backwards, the page before was left for this one, so there is something after it.
        boolean more = backwards ? !page.isEmpty() : rows.more();
        boolean earlier = backwards ? rows.more() : query.place() != null || query.offset() > 0;
        String next = more ? cursor(query, page.getLast()) : null;
        String previous = earlier && !page.isEmpty() ? cursor(query, page.getFirst()) : null;
        List<RunView> data = page.stream().map(RunPresenter::view).toList();
        return withTotal(query, new RunPage(data, more, next, previous, null, null));
    }

    private String cursor(RunListQuery query, RunRow row) {
        return cursors.print(query.identity(), query.sort().placeOf(row).print());
    }

    private RunPage withTotal(RunListQuery query, RunPage page) {
        if (!query.counted()) {
            return page;
        }
        long found = jdbc.sql("select count(*) from (select from view.run where "
                        + query.filter().sql() + " limit " + (COUNTED + 1) + ") as counted")
                .params(query.filter().values())
                .query(Long.class)
                .single();
        return page.withTotal(Math.min(found, COUNTED), found > COUNTED);
    }

    /** The rows of a page in the list's order, and whether there are more in the direction of reading. */
    private record Rows(List<RunRow> page, boolean more) {}

    private Rows read(RunListQuery query) {
        RunCondition where = where(query);
        List<Object> values = new ArrayList<>(where.values());
        values.add(query.limit() + 1);
        values.add(query.offset());
        values.add(PAGE_BYTES);
        long[] candidates = {0};
        List<RunRow> rows = jdbc.sql(sql(where.sql(), query.sort().orderBy(query.backwards())))
                .params(values)
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return RunColumns.read(row, RunColumns.ALL);
                })
                .list();
        List<RunRow> page = new ArrayList<>(rows.subList(0, Math.min(rows.size(), query.limit())));
        if (query.backwards()) {
            Collections.reverse(page);
        }
        return new Rows(page, candidates[0] > page.size());
    }

    private static RunCondition where(RunListQuery query) {
        RunPlace place = query.place();
        return place == null
                ? query.filter()
                : RunCondition.all(List.of(query.filter(), query.sort().beyond(place, query.backwards())));
    }

    private static String sql(String where, String order) {
        return """
                select %1$s, candidates from (
                    select %1$s, count(*) over () as candidates,
                        sum(%2$s) over (order by %4$s rows unbounded preceding) - (%2$s) as bytes_before
                    from (select %1$s from view.run where %3$s order by %4$s limit ? offset ?) as found
                ) as sized
                where bytes_before < ? order by %4$s""".formatted(COLUMNS, BYTES, where, order);
    }
}
