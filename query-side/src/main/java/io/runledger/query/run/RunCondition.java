package io.runledger.query.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A piece of a where clause with the values for its question marks, in their order. */
record RunCondition(String sql, List<Object> values) {

    static RunCondition of(String sql, Object... values) {
        return new RunCondition(sql, List.of(values));
    }

    /** The column has one of these values. */
    static RunCondition oneOf(String column, List<?> values) {
        // Equality, where it is enough, lets an index also give the order.
        return values.size() == 1
                ? of(column + " = ?", values.getFirst())
                : of(column + " = any(?)", (Object) values.toArray(size -> array(values.getFirst(), size)));
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
        conditions.forEach(condition -> values.addAll(condition.values));
        String separator = String.format(Locale.ROOT, " %s ", word);
        String sql = conditions.stream().map(RunCondition::sql).collect(Collectors.joining(separator));
        return new RunCondition(conditions.size() == 1 ? sql : "(" + sql + ")", List.copyOf(values));
    }

    private static Object[] array(Object example, int size) {
        return (Object[]) java.lang.reflect.Array.newInstance(example.getClass(), size);
    }
}
