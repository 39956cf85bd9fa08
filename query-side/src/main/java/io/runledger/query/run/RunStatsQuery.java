package io.runledger.query.run;

import io.runledger.query.http.QueryParameters;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** What is asked about the number of runs; {@code group} is null when they are not parted. */
record RunStatsQuery(
        RunFilter filter, @Nullable Group group, @Nullable AsOf asOf) {

    private static final Set<String> COLUMNS = Set.of("target", "queue", "stage");
    private static final String LABEL = "label.";

    /** By which expression runs are parted, with its values; {@code counted} when counters know it. */
    record Group(String sql, List<Object> values, boolean counted) {}

    /**
     * The question in these parameters of this project.
     *
     * @throws io.runledger.api.Problem when parameters are wrong, with all that is wrong
     */
    static RunStatsQuery read(String project, MultiValueMap<String, String> given) {
        QueryParameters parameters = new QueryParameters(given);
        RunFilter filter = RunFilters.read(project, parameters);
        Group group = parameters.value("group_by", "must be target, queue, stage or label.NAME", RunStatsQuery::group);
        AsOf asOf = AsOf.ofList(parameters);
        parameters.check();
        return new RunStatsQuery(filter, group, asOf);
    }

    private static @Nullable Group group(String text) {
        if (COLUMNS.contains(text)) {
            return new Group(text, List.of(), true);
        }
        return text.startsWith(LABEL) && text.length() > LABEL.length()
                ? new Group("labels ->> ?", List.of(text.substring(LABEL.length())), false)
                : null;
    }

    /** Whether the counters that are kept answer it, as long as it is about now. */
    boolean isCounted() {
        return filter.isCounted() && (group == null || group.counted());
    }
}
