package io.runledger.query.run;

import io.runledger.query.run.RunRelation.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rows of a page and one more, if there is one: of each stretch of the list and each source of runs enough, and of
 * these together the first.
 *
 * @param with the clause in front of the statement; may be empty
 * @param sql the selection
 * @param values for the question marks of both, in their order
 */
record RunSelection(String with, String sql, List<Object> values) {

    private static final String COLUMNS = RunColumns.names(RunColumns.ALL);

    static RunSelection of(RunListQuery query, RunRelation runs) {
        List<RunStretch> stretches = query.sort().stretches(query.place(), query.backwards());
        List<Object> values = new ArrayList<>(runs.withValues());
        boolean isOne = stretches.size() * runs.sources().size() == 1;
        for (RunStretch stretch : stretches) {
            for (Source source : runs.sources()) {
                values.addAll(source.values());
                values.addAll(where(query, stretch).values());
                values.add(query.limit() + 1 + (isOne ? 0 : query.offset()));
            }
        }
        if (!isOne) {
            values.add(query.limit() + 1);
        }
        values.add(query.offset());
        if (isOne) {
            return new RunSelection(runs.withClause(), parts(query, runs, stretches.getFirst(), "? offset ?"), values);
        }
        return query.sort().isSequence() && stretches.size() > 1
                ? oneAfterTheOther(query, runs, stretches, values)
                : new RunSelection(runs.withClause(), cut(query, sideBySide(query, runs, stretches)), values);
    }

    private static String cut(RunListQuery query, String parts) {
        return "select %s from (%s) as stretches order by %s limit ? offset ?"
                .formatted(COLUMNS, parts, query.sort().orderBy(query.backwards()));
    }

    private static String sideBySide(RunListQuery query, RunRelation runs, List<RunStretch> stretches) {
        return stretches.stream()
                .map(stretch -> parts(query, runs, stretch, "?"))
                .collect(Collectors.joining(" union all "));
    }

    /** A limit of 0 is not executed: most pages are full before the last stretch, which may be slow to find. */
    private static RunSelection oneAfterTheOther(
            RunListQuery query, RunRelation runs, List<RunStretch> stretches, List<Object> values) {
        List<String> tables = new ArrayList<>();
        String limit = "?";
        for (int i = 0; i < stretches.size(); i++) {
            tables.add("stretch_%d as materialized (%s)".formatted(i, parts(query, runs, stretches.get(i), limit)));
            limit = "greatest(0, ? - (select count(*) from stretch_%d))".formatted(i);
        }
        String with = Stream.concat(Stream.of(runs.with()).filter(text -> !text.isEmpty()), tables.stream())
                .collect(Collectors.joining(", ", "with ", " "));
        String sql = IntStream.range(0, stretches.size())
                .mapToObj(i -> "select " + COLUMNS + " from stretch_" + i)
                .collect(Collectors.joining(" union all "));
        return new RunSelection(with, cut(query, sql), values);
    }

    /** What each source has of a stretch, each in its order: no index gives the order of two sources together. */
    private static String parts(RunListQuery query, RunRelation runs, RunStretch stretch, String limit) {
        return runs.sources().stream()
                .map(source -> "(select %s from %s where %s order by %s limit %s)"
                        .formatted(COLUMNS, source.sql(), where(query, stretch).sql(), stretch.order(), limit))
                .collect(Collectors.joining(" union all "));
    }

    private static RunCondition where(RunListQuery query, RunStretch stretch) {
        return RunCondition.all(Stream.concat(query.filter().conditions().stream(), stretch.conditions().stream())
                .toList());
    }
}
