package io.runledger.query.event;

import io.runledger.api.RunId;
import io.runledger.query.run.ListedRuns;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which events are wanted: any of these types, of any of these runs, which the run list would show.
 *
 * @param types names of types, or their beginnings and {@code *}; empty for all
 * @param runs null for all
 * @param listed null for all
 */
record EventFilter(
        List<String> types,
        @Nullable List<RunId> runs,
        @Nullable ListedRuns listed) {

    static final EventFilter ALL = new EventFilter(List.of(), null, null);

    static EventFilter ofTypes(List<String> types) {
        return new EventFilter(types, null, null);
    }

    /** Whether the event is wanted, as far as the event itself can tell: what the run list shows only the view knows. */
    boolean wants(LedgerEvent event) {
        return (runs == null || runs.contains(event.runId()))
                && (types.isEmpty() || types.stream().anyMatch(type -> isOfType(event.type(), type)));
    }

    private static boolean isOfType(String type, String wanted) {
        return wanted.endsWith("*") ? type.startsWith(wanted.substring(0, wanted.length() - 1)) : type.equals(wanted);
    }

    /** Returns when every event up to this position can be judged; a problem when that takes too long. */
    void await(long position) {
        if (listed != null) {
            listed.await(position);
        }
    }

    /** All of it as a condition in SQL; its values are added to these. */
    String sql(List<Object> values) {
        StringBuilder sql = new StringBuilder();
        if (runs != null) {
            sql.append(" and run_id = any(cast(? as uuid[]))");
            values.add(runs.stream().map(run -> run.value().toString()).toArray(String[]::new));
        }
        if (listed != null) {
            sql.append(" and ").append(listed.sql());
            values.addAll(listed.values());
        }
        if (!types.isEmpty()) {
            List<String> patterns = new ArrayList<>();
            types.forEach(type -> patterns.add(pattern(type)));
            sql.append(" and type like any(?)");
            values.add(patterns.toArray(String[]::new));
        }
        return sql.toString();
    }

    private static String pattern(String type) {
        boolean beginning = type.endsWith("*");
        String text = beginning ? type.substring(0, type.length() - 1) : type;
        String literal = text.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
        return beginning ? literal + "%" : literal;
    }
}
