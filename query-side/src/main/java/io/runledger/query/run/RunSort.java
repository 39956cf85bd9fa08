package io.runledger.query.run;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The order of a list: a column, a direction, and the id where the column's values are equal. Nulls come last. */
record RunSort(Field field, boolean descending) {

    /** Latest first. */
    static final RunSort DEFAULT = new RunSort(Field.CREATED_AT, true);

    /** What a list can be sorted by. */
    enum Field {
        CREATED_AT("timestamptz", false, row -> row.createdAt),
        UPDATED_AT("timestamptz", false, row -> row.updatedAt),
        STARTED_AT("timestamptz", true, row -> row.startedAt),
        FINISHED_AT("timestamptz", true, row -> row.finishedAt),
        DURATION_MS("bigint", true, row -> row.durationMs),
        STATUS("text", false, row -> row.status.wireName()),
        PRIORITY("integer", false, row -> row.priority),
        NAME("text", true, row -> row.name);

        private final String sqlType;
        private final boolean nullable;
        private final Function<RunRow, @Nullable Object> value;

        Field(String sqlType, boolean nullable, Function<RunRow, @Nullable Object> value) {
            this.sqlType = sqlType;
            this.nullable = nullable;
            this.value = value;
        }

        /** The name of the column and of the parameter's value. */
        String column() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Reads {@code field} or {@code -field}; null when there is no such field. */
    static @Nullable RunSort parse(String text) {
        boolean descending = text.startsWith("-");
        String name = descending ? text.substring(1) : text;
        return Arrays.stream(Field.values())
                .filter(field -> field.column().equals(name))
                .map(field -> new RunSort(field, descending))
                .findFirst()
                .orElse(null);
    }

    /** The names of all fields, for people. */
    static String names() {
        return Arrays.stream(Field.values()).map(Field::column).collect(Collectors.joining(", "));
    }

    /** Where a row stands in this order. */
    RunPlace placeOf(RunRow row) {
        Object value = field.value.apply(row);
        return new RunPlace(value == null ? null : value.toString(), row.id);
    }

    /** The order by clause, in the list's direction or backwards. */
    String orderBy(boolean backwards) {
        String direction = descending != backwards ? " desc" : " asc";
        String nulls = field.nullable ? "(" + field.column() + " is null)" + (backwards ? " desc, " : ", ") : "";
        return nulls + field.column() + direction + ", id" + direction;
    }

    /** The condition that picks what comes after a place, or before it when the list is read backwards. */
    RunCondition beyond(RunPlace place, boolean backwards) {
        String column = field.column();
        String than = descending != backwards ? "<" : ">";
        String value = place.value();
        Object id = place.id().value();
        if (value == null) {
            String sameEnd = "(" + column + " is null and id " + than + " ?)";
            return RunCondition.of(backwards ? "(" + column + " is not null or " + sameEnd + ")" : sameEnd, id);
        }
        String comparison = "(" + column + ", id) " + than + " (cast(? as " + field.sqlType + "), ?)";
        String withNulls = "(" + comparison + " or " + column + " is null)";
        return RunCondition.of(field.nullable && !backwards ? withNulls : comparison, value, id);
    }

    @Override
    public String toString() {
        return (descending ? "-" : "") + field.column();
    }
}
