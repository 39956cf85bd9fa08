package io.runledger.query.run;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a question about runs is asked of: the view as it is, or as it was.
 *
 * @param with what goes in front of the statement, with its values; may be empty
 * @param sql stands after "from", under the name run, with its values
 * @param needsFold whether a row that was read is not the run yet, as it was then
 */
record RunRelation(String with, List<Object> withValues, String sql, List<Object> values, Predicate<RunRow> needsFold) {

    /** All runs as they are. */
    static final RunRelation NOW = new RunRelation("", List.of(), "view.run", List.of(), _ -> false);
}
