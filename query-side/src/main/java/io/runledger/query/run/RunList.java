package io.runledger.query.run;

import io.runledger.api.RunView;
import io.runledger.query.http.Cursors;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads pages of runs by keyset: one statement a page, as quick at the end of a list as at its start. */
final class RunList {

    /** A page ends early when its JSON values have so many bytes, so that memory stays bounded. */
    private static final long PAGE_BYTES = 8 << 20;

    /** Further than this is not counted: the answer then says "at least". */
    private static final int COUNTED = 10_000;

    /** Among so many runs next in order a label is looked for first: about as many cost no more than gathering a rare one. */
    private static final int NEXT_RUNS = 5_000;

    /** A label that would fill its page among so many times as many runs is looked for there before it is gathered. */
    private static final int FURTHER = 4;

    /** How much a row has to send, told from its size in storage, without reading it. */
    private static final String BYTES = RunColumns.LARGE.stream()
            .map(column -> "coalesce(octet_length(" + column.name() + "), 0)")
            .collect(Collectors.joining(" + "));

    private static final String BYTES_BEFORE = "(sum(" + BYTES + ") over page - (" + BYTES + "))";

    /** Of a row that has no room on the page any more, nothing large is read. */
    private static final String COLUMNS = RunColumns.names(RunColumns.SMALL) + ", "
            + RunColumns.LARGE.stream()
                    .map(column -> "case when %1$s < %2$d then %3$s end as %3$s"
                            .formatted(BYTES_BEFORE, PAGE_BYTES, column.name()))
                    .collect(Collectors.joining(", "));

    private final ProjectReader reader;
    private final Cursors cursors;
    private final RunPast past;
    private final int nextRuns;

    RunList(ProjectReader reader, Cursors cursors, RunPast past) {
        this(reader, cursors, past, NEXT_RUNS);
    }

    /**
     * Lists whose labels are looked for among this many runs first.
     *
     * @param nextRuns a label that is rarer than one page in so many is gathered from its index
     */
    RunList(ProjectReader reader, Cursors cursors, RunPast past, int nextRuns) {
        this.reader = reader;
        this.cursors = cursors;
        this.past = past;
        this.nextRuns = nextRuns;
    }

    /** The page that the query asks for, of the runs as they were at this moment, or as they are when it is null. */
    RunPage page(RunListQuery query, @Nullable LedgerMoment moment) {
        boolean lasting = query.filter().isLasting() && query.sort().isLasting();
        RunRelation runs = moment == null ? RunRelation.NOW : past.relation(moment, query.filter(), lasting);
        Rows rows = read(query, runs, PAGE_BYTES);
        if (moment != null) {
            rows = asOf(query.filter().project(), moment, runs, rows);
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
        long found = count(filter, runs, COUNTED);
        return page.withTotal(Math.min(found, COUNTED), found > COUNTED);
    }

    /** How many runs of the relation the filter wants; of more than {@code most} one more is counted. */
    long count(RunFilter filter, RunRelation runs, long most) {
        RunCondition where = filter.all();
        String sql = runs.withClause() + "select count(*) from (select from "
                + runs.whole().sql() + " where " + where.sql() + " limit " + (most + 1) + ") as counted";
        List<Object> values = joined(runs.withValues(), runs.whole().values(), where.values());
        return reader.list(filter.project(), Plan.ANEW, sql, values, (row, _) -> row.getLong(1))
                .getFirst();
    }

    /** The rows of a page, and whether there are more in the direction of reading. */
    record Rows(List<RunRow> inReadingOrder, boolean more) {}

    /** The rows as they stand in the relation; fewer than asked for when their JSON values have so many bytes. */
    Rows read(RunListQuery query, RunRelation runs, long bytes) {
        RunSort sort = query.sort();
        List<RunStretch> stretches = sort.stretches(query.place(), query.backwards());
        if (sort.isSequence() && stretches.size() > 1) {
            Rows rows = read(query, runs, stretches.subList(0, 1), bytes);
            if (rows.more()) {
                return rows;
            }
        }
        if (query.filter().isByLabelAlone() && stretches.size() == 1 && runs.equals(RunRelation.NOW)) {
            // PostgreSQL does not know how frequent a label is and would gather all its runs to show the first of them.
            Rows rows = read(query, next(query, stretches.getFirst(), nextRuns), stretches, bytes);
            if (!rows.more() && rows.inReadingOrder().size() * FURTHER > query.limit()) {
                rows = read(query, next(query, stretches.getFirst(), nextRuns * FURTHER), stretches, bytes);
            }
            if (rows.more()) {
                return rows;
            }
        }
        // In one statement, so that a run which gets its value meanwhile is not missed.
        return read(query, runs, stretches, bytes);
    }

    /** The runs of the project that are next in the list's order, whether they are wanted or not. */
    private RunRelation next(RunListQuery query, RunStretch stretch, int runs) {
        List<RunCondition> conditions = new ArrayList<>(stretch.conditions());
        conditions.add(RunCondition.of("project", "project = ?", query.filter().project()));
        RunCondition where = RunCondition.all(conditions);
        List<Object> values = new ArrayList<>(where.values());
        values.add(runs);
        String sql = "(select * from %s where %s order by %s limit ?) as run"
                .formatted(RunRelation.VIEW, where.sql(), stretch.order());
        return RunRelation.of(new RunRelation.Source(sql, values), _ -> false);
    }

    private Rows read(RunListQuery query, RunRelation runs, List<RunStretch> stretches, long bytes) {
        RunSelection selection = RunSelection.of(query, stretches, runs);
        String sql = selection.with()
                + """
                select %1$s, %2$s as bytes_before from (%3$s) as found
                window page as (order by %4$s rows unbounded preceding) order by %4$s""".formatted(
                        COLUMNS, BYTES_BEFORE, selection.sql(), query.sort().orderBy(query.backwards()));
        List<RunRow> page = new ArrayList<>();
        int[] found = {0};
        boolean inOrder = selection.isOne() && query.filter().isInIndexOrder(query.sort());
        Plan plan = inOrder ? Plan.IN_INDEX_ORDER : Plan.ANEW;
        reader.each(query.filter().project(), plan, sql, selection.values(), row -> {
            if (found[0]++ < query.limit() && row.getLong("bytes_before") < bytes) {
                page.add(RunColumns.read(row, RunColumns.ALL));
            }
        });
        return new Rows(page, found[0] > page.size());
    }

    /** The same rows as they were; fewer, when they were larger then. */
    private Rows asOf(String project, LedgerMoment moment, RunRelation runs, Rows rows) {
        List<RunRow> page = new ArrayList<>();
        long bytes = 0;
        Iterator<RunRow> asTheyWere = past.rows(project, rows.inReadingOrder(), runs, moment);
        while (asTheyWere.hasNext()) {
            if (bytes >= PAGE_BYTES) {
                return new Rows(page, true);
            }
            RunRow then = asTheyWere.next();
            bytes += RunColumns.largeCharacters(then);
            page.add(then);
        }
        return new Rows(page, rows.more());
    }

    private static List<Object> joined(List<Object> first, List<Object> second, List<Object> third) {
        return Stream.of(first, second, third).flatMap(List::stream).toList();
    }
}
