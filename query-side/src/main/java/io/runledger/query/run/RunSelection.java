package io.runledger.query.run;

import io.runledger.query.run.RunRelation.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows of a page and one more, if there is one: of each stretch of the list and each source of runs enough, since no
 * index gives the order of two of them together, and of all these the first.
 *
 * @param isOne whether it is one stretch of one source
 * @param with the clause in front of the statement; may be empty
 * @param sql the selection
 * @param values for the question marks of both, in their order
 */
record RunSelection(boolean isOne, String with, String sql, List<Object> values) {

    private static final String COLUMNS = RunColumns.names(RunColumns.ALL);

    static RunSelection of(RunListQuery query, List<RunStretch> stretches, RunRelation runs) {
        boolean isOne = stretches.size() * runs.sources().size() == 1;
        List<Object> values = new ArrayList<>(runs.withValues());
        List<String> parts = new ArrayList<>();
        for (RunStretch stretch : stretches) {
            for (Source source : runs.sources()) {
                RunCondition where = RunCondition.all(
                        Stream.concat(query.filter().conditions().stream(), stretch.conditions().stream())
                                .toList());
                parts.add("(select %s from %s where %s order by %s limit ?%s)"
                        .formatted(COLUMNS, source.sql(), where.sql(), stretch.order(), isOne ? " offset ?" : ""));
                values.addAll(source.values());
                values.addAll(where.values());
                values.add(query.limit() + 1 + (isOne ? 0 : query.offset()));
            }
        }
        String all = parts.stream().collect(Collectors.joining(" union all "));
        if (!isOne) {
            values.add(query.limit() + 1);
            all = "select %s from (%s) as parts order by %s limit ? offset ?"
                    .formatted(COLUMNS, all, query.sort().orderBy(query.backwards()));
        }
        values.add(query.offset());
        return new RunSelection(isOne, runs.withClause(), all, values);
    }
}
