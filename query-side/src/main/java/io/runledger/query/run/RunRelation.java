package io.runledger.query.run;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a question about runs is asked of: the view as it is, or as it was.
 *
 * @param with what goes in front of the statement, after "with", and its values; empty for nothing
 * @param sources together they are all the runs, and no run is in two of them
 * @param needsFold whether a row that was read is not the run yet, as it was then
 */
record RunRelation(String with, List<Object> withValues, List<Source> sources, Predicate<RunRow> needsFold) {

    /**
     * Something to select runs from.
     *
     * @param sql stands after "from", under the name run, with its values
     */
    record Source(String sql, List<Object> values) {}

    /** What shows a project its rows of the generation that serves. */
    static final String VIEW = "of_project.run";

    /** All runs as they are. */
    static final RunRelation NOW = of(new Source(VIEW, List.of()), _ -> false);

    static RunRelation of(Source source, Predicate<RunRow> needsFold) {
        return new RunRelation("", List.of(), List.of(source), needsFold);
    }

    /** The clause in front of a statement; empty when there is none. */
    String withClause() {
        return with.isEmpty() ? "" : "with " + with + " ";
    }

    /** All sources as one, for questions in which order plays no part. */
    Source whole() {
        return sources.size() == 1
                ? sources.getFirst()
                : new Source(
                        sources.stream()
                                .map(source -> "select " + RunColumns.names(RunColumns.ALL) + " from " + source.sql())
                                .collect(Collectors.joining(" union all ", "(", ") as run")),
                        sources.stream()
                                .flatMap(source -> source.values().stream())
                                .toList());
    }
}
