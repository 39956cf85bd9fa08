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
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The filters of the run list: each parameter a condition; values of one parameter are alternatives. */
final class RunFilters {

    /** Parameters that ask for equal text in the column of the same name. */
    private static final List<String> EQUAL =
            List.of("kind", "mode", "stage", "queue", "worker", "created_by", "key", "error_code");

    /** Columns that can be limited by NAME_after and NAME_before; the parameter has no {@code _at}. */
    private static final List<String> TIMES = List.of("created", "started", "finished", "updated");

    private static final String LABEL = "label.";

    private RunFilters() {}

    /** The conditions that these parameters ask for; what is wrong is told to the parameters. */
    static List<RunCondition> read(QueryParameters parameters) {
        List<RunCondition> conditions = new ArrayList<>();
        statuses(parameters, conditions);
        add(conditions, "target", parameters.values("target", "must be kind:name", RunFilters::target));
        add(conditions, "id", parameters.values("id", "must be a run id: 26 characters, or 36", RunFilters::id));
        EQUAL.forEach(name -> add(conditions, name, parameters.texts(name)));
        names(parameters, conditions);
        labels(parameters, conditions);
        for (String time : TIMES) {
            limit(conditions, time + "_at > ?", parameters.time(time + "_after"));
            limit(conditions, time + "_at < ?", parameters.time(time + "_before"));
        }
        return conditions;
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
                        ? RunCondition.of("starts_with(name, ?)", name.substring(0, name.length() - 1))
                        : RunCondition.of("name = ?", name));
        any(conditions, alternatives);
    }

    private static void labels(QueryParameters parameters, List<RunCondition> conditions) {
        parameters.family(LABEL).forEach((label, values) -> {
            Stream<RunCondition> alternatives = values.stream()
                    .map(value -> RunCondition.of(
                            "labels @> cast(? as jsonb)", ViewJson.MAPPER.writeValueAsString(Map.of(label, value))));
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

    private static void limit(List<RunCondition> conditions, String sql, @Nullable Instant time) {
        if (time != null) {
            conditions.add(RunCondition.of(sql, time.atOffset(ZoneOffset.UTC)));
        }
    }
}
