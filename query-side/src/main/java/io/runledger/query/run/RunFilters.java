package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.query.http.QueryParameters;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The filters of the run list: each parameter a condition; values of one parameter are alternatives. */
final class RunFilters {

    /** Parameters that ask for equal text in the column of the same name. */
    private static final List<String> EQUAL =
            List.of("kind", "mode", "stage", "queue", "worker", "created_by", "error_code", "schedule_id");

    /** Parameters that ask for a run in the column of the same name. */
    private static final List<String> RUNS = List.of("parent_id", "root_id");

    /** Columns that can be limited by NAME_after and NAME_before; the parameter has no {@code _at}. */
    private static final List<String> TIMES = List.of("created", "started", "finished", "updated");

    private static final String LABEL = "label.";

    private RunFilters() {}

    /** What these parameters ask for of this project; what is wrong is told to the parameters. */
    static RunFilter read(String project, QueryParameters parameters) {
        return read(project, parameters, null);
    }

    /** The same; with a scope, child runs are what it says of them. */
    static RunFilter read(String project, QueryParameters parameters, @Nullable RunCondition scope) {
        List<RunCondition> conditions = new ArrayList<>();
        conditions.add(RunCondition.of("project", "project = ?", project));
        ids("id", parameters, conditions);
        add(conditions, "key", parameters.texts("key"));
        conditions.addAll(attributes(parameters));
        if (scope == null) {
            tasks(parameters, conditions);
        } else {
            tasks(parameters, new ArrayList<>());
            conditions.add(scope);
        }
        return new RunFilter(project, List.copyOf(conditions));
    }

    /** The same for who names runs by id and key in a way of its own; nothing of the rest may be asked for at all. */
    static Optional<RunFilter> readAttributes(String project, QueryParameters parameters) {
        List<RunCondition> conditions = new ArrayList<>();
        conditions.add(RunCondition.of("project", "project = ?", project));
        conditions.addAll(attributes(parameters));
        boolean isAsked = conditions.size() > 1;
        tasks(parameters, conditions);
        return isAsked ? Optional.of(new RunFilter(project, List.copyOf(conditions))) : Optional.empty();
    }

    private static List<RunCondition> attributes(QueryParameters parameters) {
        List<RunCondition> conditions = new ArrayList<>();
        statuses(parameters, conditions);
        add(conditions, "target", parameters.values("target", "must be kind:name", RunFilters::target));
        RUNS.forEach(name -> ids(name, parameters, conditions));
        EQUAL.forEach(name -> add(conditions, name, parameters.texts(name)));
        names(parameters, conditions);
        labels(parameters, conditions);
        for (String time : TIMES) {
            limit(conditions, time + "_at", ">", parameters.time(time + "_after"));
            limit(conditions, time + "_at", "<", parameters.time(time + "_before"));
        }
        duration(conditions, ">=", "min_duration_ms", parameters);
        duration(conditions, "<=", "max_duration_ms", parameters);
        any(conditions, parameters.values("q", "must hold a word", RunWords::condition).stream());
        return conditions;
    }

    private static void ids(String name, QueryParameters parameters, List<RunCondition> conditions) {
        add(conditions, name, parameters.values(name, "must be a run id: 26 characters, or 36", RunFilters::id));
    }

    /** Child runs belong to their parents and are shown only to those who ask for them. */
    private static void tasks(QueryParameters parameters, List<RunCondition> conditions) {
        String include = parameters.value("include", "must be tasks", text -> text.equals("tasks") ? text : null);
        if (include == null && !parameters.has("parent_id") && !parameters.has("root_id")) {
            conditions.add(RunFilter.NO_TASKS);
        }
    }

    private static void duration(
            List<RunCondition> conditions, String comparison, String name, QueryParameters parameters) {
        if (parameters.has(name)) {
            long bound = parameters.number(name, 0, 0, Long.MAX_VALUE);
            conditions.add(RunCondition.of("duration_ms", "duration_ms " + comparison + " ?", bound));
        }
    }

    private static void statuses(QueryParameters parameters, List<RunCondition> conditions) {
        TreeSet<String> wanted = new TreeSet<>();
        parameters
                .values("status", "must be active, ended, or a run's status", RunFilters::status)
                .forEach(wanted::addAll);
        add(conditions, "status", List.copyOf(wanted));
    }

    private static @Nullable List<String> status(String text) {
        return switch (text) {
            case "active" -> names(Predicate.not(RunStatus::isEnd));
            case "ended" -> names(RunStatus::isEnd);
            default -> RunStatus.parse(text) == null ? null : List.of(text);
        };
    }

    private static List<String> names(Predicate<RunStatus> wanted) {
        return Arrays.stream(RunStatus.values())
                .filter(wanted)
                .map(RunStatus::wireName)
                .toList();
    }

    private static @Nullable String target(String text) {
        return Target.parse(text) == null ? null : text;
    }

    private static @Nullable Object id(String text) {
        RunId id = RunId.parse(text);
        return id == null ? null : id.value();
    }

    private static void names(QueryParameters parameters, List<RunCondition> conditions) {
        Stream<RunCondition> alternatives = parameters.texts("name").stream()
                .map(name -> name.endsWith("*")
                        ? RunCondition.of("name", "starts_with(name, ?)", name.substring(0, name.length() - 1))
                        : RunCondition.of("name", "name = ?", name));
        any(conditions, alternatives);
    }

    private static void labels(QueryParameters parameters, List<RunCondition> conditions) {
        parameters.family(LABEL).forEach((label, values) -> {
            Stream<RunCondition> alternatives = values.stream()
                    .map(value -> RunCondition.of(
                            "labels",
                            "labels @> cast(? as jsonb)",
                            ViewJson.MAPPER.writeValueAsString(Map.of(label, value))));
            any(conditions, alternatives);
        });
    }

    private static void add(List<RunCondition> conditions, String column, List<?> values) {
        if (!values.isEmpty()) {
            conditions.add(RunCondition.oneOf(column, values));
        }
    }

    private static void any(List<RunCondition> conditions, Stream<RunCondition> alternatives) {
        List<RunCondition> list = alternatives.toList();
        if (!list.isEmpty()) {
            conditions.add(RunCondition.any(list));
        }
    }

    private static void limit(List<RunCondition> conditions, String column, String comparison, @Nullable Instant time) {
        if (time != null) {
            String sql = column + " " + comparison + " ?";
            conditions.add(RunCondition.of(column, sql, time.atOffset(ZoneOffset.UTC)));
        }
    }
}
