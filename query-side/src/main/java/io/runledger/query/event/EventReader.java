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
            causation_id, command_id, payload, hash, project""";

    private final JdbcClient jdbc;

    EventReader(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Events in their order.
     *
     * @param more whether there are others after them that were asked for
     */
    record Slice(List<TailEvent> events, boolean more) {}

    /** How much a slice may hold; one event is never too much. */
    record Bounds(int events, long bytes) {

        static Bounds ofEvents(int events) {
            return new Bounds(events, SLICE_BYTES);
        }
    }

    /** Where a run's history ends. */
    record LastEvent(String project, long sequence, String type) {}

    /** The project of a run; null when there is no such run. */
    @Nullable
    String projectOf(RunId runId) {
        List<String> projects = jdbc.sql("select project from ledger.event where run_id = ? order by sequence limit 1")
                .param(runId.value())
                .query((row, _) -> row.getString("project"))
                .list();
        return projects.isEmpty() ? null : projects.getFirst();
    }

    /** The last event of a run; null when there is no such run. */
    @Nullable
    LastEvent lastOf(RunId runId) {
        List<LastEvent> last = jdbc.sql("""
                        select project, sequence, type from ledger.event where run_id = ?
                        order by sequence desc limit 1""")
                .param(runId.value())
                .query((row, _) ->
                        new LastEvent(row.getString("project"), row.getLong("sequence"), row.getString("type")))
                .list();
        return last.isEmpty() ? null : last.getFirst();
    }

    /** The run of a project's key; null when no run has it. */
    @Nullable
    RunId withKey(String project, String key) {
        List<RunId> runs = jdbc.sql("select run_id from ledger.event where project = ? and run_key = ?")
                .params(project, key)
                .query((row, _) -> new RunId(row.getObject("run_id", UUID.class)))
                .list();
        return runs.isEmpty() ? null : runs.getFirst();
    }

    /** A run and the runs that do its tasks, as far as their turn has come. */
    List<RunId> family(RunId run) {
        List<RunId> family = new ArrayList<>();
        family.add(run);
        jdbc.sql("select payload from ledger.event where run_id = ? and type = ?")
                .params(run.value(), Families.NAMING)
                .query(row -> {
                    family.addAll(Families.queuedBy(row.getString("payload")));
                });
        return family;
    }

    /** A run's events after this sequence number that are wanted. */
    Slice ofRun(RunId runId, long after, EventFilter filter, Bounds bounds) {
        return read("run_id = ? and sequence > ?", List.of(runId.value(), after), filter, "sequence", bounds);
    }

    /** A project's events at positions after the first, up to and with the last of these two, that are wanted. */
    Slice ofProject(String project, long after, long last, EventFilter filter, Bounds bounds) {
        List<Object> values = List.of(after, last, project);
        return read("position > ? and position <= ? and project = ?", values, filter, "position", bounds);
    }

    /** Events of all projects after this position: never to be shown as they are. */
    Slice after(long position, Bounds bounds) {
        return read("position > ?", List.of(position), EventFilter.ALL, "position", bounds);
    }

    /** The position of the ledger's last event; 0 before the first. */
    long head() {
        return jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
    }

    private Slice read(String where, List<Object> values, EventFilter filter, String order, Bounds bounds) {
        List<Object> all = new ArrayList<>(values);
        String condition = where + filter.sql(all);
        all.add(bounds.events() + 1);
        all.add(bounds.bytes());
        long[] candidates = {0};
        List<TailEvent> events = jdbc.sql(sql(condition, order))
                .params(all)
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return new TailEvent(row.getString("project"), event(row));
                })
                .list();
        List<TailEvent> slice = events.subList(0, Math.min(events.size(), bounds.events()));
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
