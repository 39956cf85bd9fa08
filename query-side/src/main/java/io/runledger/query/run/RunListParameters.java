package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.QueryParameters;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** Reads the query parameters of the run list into a {@link RunListQuery}. */
final class RunListParameters {

    private static final int DEFAULT_LIMIT = 10;
    private static final int MOST = 100;
    private static final int FARTHEST_OFFSET = 10_000;

    /** What may differ between the pages of one list; the sort is compared by its meaning instead. */
    private static final Set<String> OF_THE_PAGE =
            Set.of("limit", "offset", "after", "before", "count", "sort", "order");

    private RunListParameters() {}

    /**
     * The query that these parameters of this project ask for.
     *
     * @throws io.runledger.api.Problem when parameters are wrong, with all that is wrong
     */
    static RunListQuery read(String project, MultiValueMap<String, String> given, Cursors cursors) {
        return read(project, given, cursors, null);
    }

    /**
     * The same, for a list of tasks: of this run, or of all when it is null.
     *
     * @throws io.runledger.api.Problem when parameters are wrong, with all that is wrong
     */
    static RunListQuery readTasks(
            String project, @Nullable RunId parent, MultiValueMap<String, String> given, Cursors cursors) {
        RunCondition scope = parent == null
                ? RunCondition.of("parent_id", "parent_id is not null")
                : RunCondition.of("parent_id", "parent_id = ?", parent.value());
        return read(project, given, cursors, scope);
    }

    private static RunListQuery read(
            String project, MultiValueMap<String, String> given, Cursors cursors, @Nullable RunCondition scope) {
        QueryParameters parameters = new QueryParameters(given);
        RunFilter filter = RunFilters.read(project, parameters, scope);
        AsOf asOf = AsOf.ofList(parameters);
        RunSort sort = sort(parameters);
        String identity = identity(project, given, sort, scope);
        RunPlace after = place("after", parameters, cursors, identity);
        RunPlace before = place("before", parameters, cursors, identity);
        int limit = (int) parameters.number("limit", DEFAULT_LIMIT, 1, MOST);
        int offset = (int) parameters.number("offset", 0, 0, FARTHEST_OFFSET);
        boolean count = parameters.flag("count");
        excludeEachOther(parameters, "after", "before");
        excludeEachOther(parameters, "after", "offset");
        excludeEachOther(parameters, "before", "offset");
        parameters.check();
        RunPlace place = after == null ? before : after;
        if (place != null && place.asOf() != null) {
            asOf = new AsOf.Position(place.asOf());
        }
        return new RunListQuery(filter, sort, place, before != null, limit, offset, count, identity, asOf);
    }

    private static RunSort sort(QueryParameters parameters) {
        String meaning = "must be one of " + RunSort.names() + ", with - in front for descending";
        RunSort sort = parameters.value("sort", meaning, RunSort::parse);
        RunSort order = parameters.value("order", "must be asc or desc", RunListParameters::order);
        if (parameters.has("sort") && parameters.has("order")) {
            parameters.error("order", "cannot go with sort; write - in front of the field to sort descending");
        }
        if (sort != null) {
            return sort;
        }
        return order == null ? RunSort.DEFAULT : order;
    }

    private static @Nullable RunSort order(String text) {
        return switch (text) {
            case "asc" -> new RunSort(RunSort.Field.CREATED_AT, false);
            case "desc" -> new RunSort(RunSort.Field.CREATED_AT, true);
            default -> null;
        };
    }

    private static @Nullable RunPlace place(String name, QueryParameters parameters, Cursors cursors, String identity) {
        return parameters.value(
                name, "is not a cursor of this list: take it from an answer to the same query", text -> {
                    String place = cursors.read(identity, text);
                    return place == null ? null : RunPlace.read(place);
                });
    }

    private static void excludeEachOther(QueryParameters parameters, String one, String other) {
        if (parameters.has(one) && parameters.has(other)) {
            parameters.error(other, "cannot go with " + one);
        }
    }

    /** What makes two requests ask for the same list; cursors are bound to it. */
    private static String identity(
            String project, MultiValueMap<String, String> given, RunSort sort, @Nullable RunCondition scope) {
        TreeMap<String, List<String>> filters = new TreeMap<>();
        given.forEach((name, values) -> {
            if (!OF_THE_PAGE.contains(name)) {
                filters.put(name, values.stream().sorted().toList());
            }
        });
        String of = scope == null ? "runs" : "tasks " + scope.values();
        return ViewJson.MAPPER.writeValueAsString(List.of(of, project, sort.toString(), filters));
    }
}
