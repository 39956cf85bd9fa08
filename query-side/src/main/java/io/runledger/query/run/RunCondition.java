package io.runledger.query.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A piece of a where clause with the values for its question marks, in their order.
 *
 * @param columns what it looks at
 */
record RunCondition(String sql, List<Object> values, Set<String> columns) {

    static RunCondition of(String column, String sql, Object... values) {
        return new RunCondition(sql, List.of(values), Set.of(column));
    }

    /** The column has one of these values. */
    static RunCondition oneOf(String column, List<?> values) {
        // Equality, where it is enough, lets an index also give the order.
        return values.size() == 1
                ? of(column, column + " = ?", values.getFirst())
                : of(column, column + " = any(?)", (Object) values.toArray(size -> array(values.getFirst(), size)));
    }

    /** The values of a condition that was made by {@link #oneOf}. */
    List<Object> alternatives() {
        return values.getFirst() instanceof Object[] several ? List.of(several) : values;
    }

    /** One of these holds. */
    static RunCondition any(List<RunCondition> conditions) {
        return joined(conditions, "or");
    }

    /** All of these hold. */
    static RunCondition all(List<RunCondition> conditions) {
        return joined(conditions, "and");
    }

    private static RunCondition joined(List<RunCondition> conditions, String word) {
        List<Object> values = new ArrayList<>();
        Set<String> columns = new TreeSet<>();
        for (RunCondition condition : conditions) {
            values.addAll(condition.values);
            columns.addAll(condition.columns);
        }
        String separator = String.format(Locale.ROOT, " %s ", word);
        String sql = conditions.stream().map(RunCondition::sql).collect(Collectors.joining(separator));
        return new RunCondition(conditions.size() == 1 ? sql : "(" + sql + ")", List.copyOf(values), columns);
    }

    private static Object[] array(Object example, int size) {
        return (Object[]) java.lang.reflect.Array.newInstance(example.getClass(), size);
    }
}
