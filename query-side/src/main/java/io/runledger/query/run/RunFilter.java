package io.runledger.query.run;

import io.runledger.api.RunStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which runs are asked for: all of these conditions hold; one of them is always the project. */
record RunFilter(String project, List<RunCondition> conditions) {

    /** What a run is born with and keeps: about these, a run was always as it is now. */
    private static final Set<String> LASTING = Set.of(
            "project",
            "id",
            "key",
            "name",
            "kind",
            "target",
            "mode",
            "stage",
            "labels",
            "priority",
            "queue",
            "parent_id",
            "parent_id is null",
            "root_id",
            "schedule_id",
            "created_by",
            "created_at");

    /** What {@code view.run_count} can tell apart. */
    private static final Set<String> COUNTED =
            Set.of("project", "kind", "target", "queue", "stage", "parent_id is null", "status");

    /** Each of these, beside the project, is what an index begins with that goes on by creation. */
    private static final Set<String> INDEXED_BY_CREATION = Stream.of(
                    "status", "target", "parent_id", "root_id", "schedule_id", "error_code")
            .map(column -> RunCondition.oneOf(column, List.of("")).sql())
            .collect(Collectors.toUnmodifiableSet());

    /** Child runs are left out by this condition, which counters can answer and other questions about parents not. */
    static final RunCondition NO_TASKS = RunCondition.of("parent_id is null", "parent_id is null");

    RunCondition all() {
        return RunCondition.all(conditions);
    }

    /** The conditions whose answer never changes during a run's life. */
    RunCondition lasting() {
        return RunCondition.all(conditions.stream().filter(RunFilter::isLasting).toList());
    }

    /** Whether it leaves out no run of the project, or nothing but child runs. */
    boolean isEverything() {
        return isEverything(all());
    }

    /** Whether this leaves out no run of the project, or nothing but child runs. */
    static boolean isEverything(RunCondition condition) {
        return Set.of("project", "parent_id is null").containsAll(condition.columns());
    }

    /** Whether one index gives what it asks for in this order, whatever the values are. */
    boolean isInIndexOrder(RunSort sort) {
        List<String> others = conditions.stream()
                .filter(condition -> !isEverything(condition))
                .map(RunCondition::sql)
                .toList();
        return others.isEmpty()
                ? sort.isIndexed()
                : sort.field() == RunSort.Field.CREATED_AT
                        && others.size() == 1
                        && INDEXED_BY_CREATION.contains(others.getFirst());
    }

    /** Whether every condition's answer never changes. */
    boolean isLasting() {
        return conditions.stream().allMatch(RunFilter::isLasting);
    }

    /** Whether labels are asked for and nothing else, which could be rare or have an index of its own. */
    boolean isByLabelAlone() {
        Set<String> columns = all().columns();
        return columns.contains("labels")
                && Set.of("project", "parent_id is null", "labels").containsAll(columns);
    }

    /** Whether a run of this status can be one of them. */
    boolean mayBe(RunStatus status) {
        return conditions.stream()
                .filter(condition -> condition.columns().equals(Set.of("status")))
                .allMatch(condition -> condition.alternatives().contains(status.wireName()));
    }

    /** The statuses that a run of it can have. */
    Set<RunStatus> statuses() {
        return Stream.of(RunStatus.values()).filter(this::mayBe).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether counters can answer it. */
    boolean isCounted() {
        return COUNTED.containsAll(all().columns());
    }

    /** Whether a run's value in this column never changes. */
    static boolean isLasting(String column) {
        return LASTING.contains(column);
    }

    private static boolean isLasting(RunCondition condition) {
        return LASTING.containsAll(condition.columns());
    }
}
