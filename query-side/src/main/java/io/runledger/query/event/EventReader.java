package io.runledger.query.event;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads slices of {@code ledger.event}, bounded in number and in bytes. */
final class EventReader {

    /** A slice ends when its payloads have so many bytes, so that memory stays bounded. */
    static final long SLICE_BYTES = 8 << 20;

    private static final String COLUMNS = """
            id, type, version, run_id, sequence, position, occurred_at, recorded_at, actor, correlation_id, \
            causation_id, command_id, payload, hash""";

    private final JdbcClient jdbc;

    EventReader(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Events in their order.
     *
     * @param more whether there are others after them that were asked for
     */
    record Slice(List<LedgerEvent> events, boolean more) {}

    /** The project of a run; null when there is no such run. */
    @Nullable
    String projectOf(RunId runId) {
        List<String> projects = jdbc.sql("select project from ledger.event where run_id = ? order by sequence limit 1")
                .param(runId.value())
                .query((row, _) -> row.getString("project"))
                .list();
        return projects.isEmpty() ? null : projects.getFirst();
    }

    /** A run's events after this sequence number, of these types (of all, when none is given). */
    Slice ofRun(RunId runId, long after, List<String> types, int limit) {
        return read("run_id = ? and sequence > ?", List.of(runId.value(), after), types, "sequence", limit);
    }

    /** A project's events at positions after the first, up to and with the last of these two. */
    Slice ofProject(String project, long after, long last, List<String> types, int limit) {
        List<Object> values = List.of(after, last, project);
        return read("position > ? and position <= ? and project = ?", values, types, "position", limit);
    }

    /** The position of the ledger's last event; 0 before the first. */
    long head() {
        return jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
    }

    private Slice read(String where, List<Object> values, List<String> types, String order, int limit) {
        List<Object> all = new ArrayList<>(values);
        if (!types.isEmpty()) {
            all.add(types.toArray(String[]::new));
        }
        all.add(limit + 1);
        all.add(SLICE_BYTES);
        long[] candidates = {0};
        List<LedgerEvent> events = jdbc.sql(sql(types.isEmpty() ? where : where + " and type = any(?)", order))
                .params(all)
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return event(row);
                })
                .list();
        List<LedgerEvent> slice = events.subList(0, Math.min(events.size(), limit));
        return new Slice(slice, candidates[0] > slice.size());
    }

    private static String sql(String where, String order) {
        // The running sum looks at sizes only: payloads beyond the limit are not read.
        return """
                select %1$s, candidates from (
                    select %1$s, count(*) over () as candidates,
                        sum(payload_bytes) over (order by %3$s rows unbounded preceding) - payload_bytes as bytes_before
                    from (select %1$s, payload_bytes from ledger.event where %2$s order by %3$s limit ?) as found
                ) as sized
                where bytes_before < ? order by %3$s""".formatted(COLUMNS, where, order);
    }

    private static LedgerEvent event(ResultSet row) throws SQLException {
        return new LedgerEvent(
                Ulid.print(row.getObject("id", UUID.class)),
                row.getString("type"),
                row.getInt("version"),
                new RunId(row.getObject("run_id", UUID.class)),
                row.getLong("sequence"),
                row.getLong("position"),
                time(row, "occurred_at"),
                time(row, "recorded_at"),
                row.getString("actor"),
                row.getString("correlation_id"),
                row.getString("causation_id"),
                row.getString("command_id"),
                new Json(row.getString("payload")),
                HexFormat.of().formatHex(row.getBytes("hash")));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
