package io.runledger.query.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
        return new RunPlace(value == null ? null : value.toString(), row.id, null);
    }

    /** Whether a run's place in this order never changes. */
    boolean isLasting() {
        return RunFilter.isLasting(field.column());
    }

    /** Whether an index gives all runs of a project in this order. */
    boolean isIndexed() {
        // Of runs that are equal here the index of states gives those first that were created first.
        return field != Field.STATUS;
    }

    /** What stands at a place or before it; for an ascending order whose column is never null. */
    RunCondition upTo(RunPlace place) {
        return beyond(field.column(), "<=", place);
    }

    /** The order by clause, in the list's direction or backwards. */
    String orderBy(boolean backwards) {
        String nulls = field.nullable ? "(" + field.column() + " is null)" + (backwards ? " desc, " : ", ") : "";
        return nulls + orderBy(field.column(), backwards);
    }

    /**
     * The parts of what comes after a place (before it, when the list is read backwards; everything, when there is none).
     * Together they are all of it, and an index gives each in order, so that a page reads little of each. Those of a
     * {@linkplain #isSequence sequence} come one after the other, in this order.
     */
    List<RunStretch> stretches(@Nullable RunPlace place, boolean backwards) {
        String column = field.column();
        if (field == Field.UPDATED_AT) {
            // What has ended or is stopped is in an index; what has not is in none, and is not much.
            return List.of(
                    stretch("rested_at", "rested_at is not null", place, backwards),
                    stretch(column, "rested_at is null", place, backwards));
        }
        if (!field.nullable) {
            return List.of(stretch(column, null, place, backwards));
        }
        boolean amongNulls = place != null && place.value() == null;
        boolean amongValues = place != null && place.value() != null;
        List<RunStretch> stretches = new ArrayList<>();
        if (!amongNulls || backwards) {
            stretches.add(stretch(column, column + " is not null", place, backwards));
        }
        if (!amongValues || !backwards) {
            stretches.add(stretch(column, column + " is null", place, backwards));
        }
        return backwards ? stretches.reversed() : stretches;
    }

    /** Whether all of one stretch comes before all of the next one, so that the next is read only when the page has room. */
    boolean isSequence() {
        return field.nullable;
    }

    private RunStretch stretch(String column, @Nullable String part, @Nullable RunPlace place, boolean backwards) {
        List<RunCondition> conditions = new ArrayList<>();
        if (part != null) {
            conditions.add(RunCondition.of(column, part));
        }
        String than = descending != backwards ? "<" : ">";
        boolean isNulls = part != null && field.nullable && part.endsWith(" is null");
        if (place != null && isNulls == (place.value() == null)) {
            conditions.add(beyond(column, than, place));
        }
        return new RunStretch(conditions, orderBy(column, backwards));
    }

    private RunCondition beyond(String column, String than, RunPlace place) {
        Object id = place.id().value();
        String value = place.value();
        return value == null
                ? RunCondition.of("id", "id " + than + " ?", id)
                : RunCondition.of(
                        column, "(" + column + ", id) " + than + " (cast(? as " + field.sqlType + "), ?)", value, id);
    }

    private String orderBy(String column, boolean backwards) {
        String direction = descending != backwards ? " desc" : " asc";
        return column + direction + ", id" + direction;
    }

    @Override
    public String toString() {
        return (descending ? "-" : "") + field.column();
    }
}
