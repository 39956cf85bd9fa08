package io.runledger.query.event;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads events of one project each time, in slices that are bounded in number and in bytes. */
final class EventReader {

    /** A slice ends when its payloads have so many bytes, so that memory stays bounded. */
    static final long SLICE_BYTES = 8 << 20;

    private static final String COLUMNS = """
            id, type, version, run_id, sequence, position, occurred_at, recorded_at, actor, correlation_id, \
            causation_id, command_id, payload, hash, project""";

    private final ProjectReader reader;
    private final EventHead head;

    EventReader(ProjectReader reader, EventHead head) {
        this.reader = reader;
        this.head = head;
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

    /** Whether the project has this run. */
    boolean isOfProject(String project, RunId runId) {
        return Objects.requireNonNull(reader.first(
                project,
                "select exists (select from of_project.event where run_id = ?)",
                List.of(runId.value()),
                (row, _) -> row.getBoolean(1)));
    }

    /** The last event of a project's run; null when it has no such run. */
    @Nullable
    LastEvent lastOf(String project, RunId runId) {
        return reader.first(
                project,
                """
                select project, sequence, type from of_project.event where run_id = ?
                order by sequence desc limit 1""",
                List.of(runId.value()),
                (row, _) -> new LastEvent(row.getString("project"), row.getLong("sequence"), row.getString("type")));
    }

    /** The run of a project's key; null when no run has it. */
    @Nullable
    RunId withKey(String project, String key) {
        return reader.first(
                project,
                "select run_id from of_project.event where project = ? and run_key = ?",
                List.of(project, key),
                (row, _) -> new RunId(row.getObject("run_id", UUID.class)));
    }

    /** A project's run and the runs that do its tasks, as far as their turn has come. */
    List<RunId> family(String project, RunId run) {
        List<RunId> family = new ArrayList<>();
        family.add(run);
        reader.each(
                project,
                Plan.KEPT,
                "select payload from of_project.event where run_id = ? and type = ?",
                List.of(run.value(), Families.NAMING),
                row -> family.addAll(Families.queuedBy(row.getString("payload"))));
        return family;
    }

    /** The events of a project's run after this sequence number that are wanted. */
    Slice ofRun(String project, RunId runId, long after, EventFilter filter, Bounds bounds) {
        List<Object> values = List.of(runId.value(), after);
        return read(project, "run_id = ? and sequence > ?", values, filter, "sequence", bounds);
    }

    /** A project's events at positions after the first, up to and with the last of these two, that are wanted. */
    Slice ofProject(String project, long after, long last, EventFilter filter, Bounds bounds) {
        List<Object> values = List.of(after, last, project);
        return read(project, "position > ? and position <= ? and project = ?", values, filter, "position", bounds);
    }

    /** The position of the ledger's last event; 0 before the first. */
    long head() {
        return head.position();
    }

    private Slice read(
            String project, String where, List<Object> values, EventFilter filter, String order, Bounds bounds) {
        List<Object> all = new ArrayList<>(values);
        String condition = where + filter.sql(all);
        all.add(bounds.events() + 1);
        all.add(bounds.bytes());
        long[] candidates = {0};
        List<TailEvent> events = reader.list(project, Plan.KEPT, sql(condition, order), all, (row, _) -> {
            candidates[0] = row.getLong("candidates");
            return event(row);
        });
        return slice(events, candidates[0], bounds);
    }

    /** What was read, without the one more that was asked for to see whether there is one. */
    static Slice slice(List<TailEvent> events, long candidates, Bounds bounds) {
        List<TailEvent> slice = events.subList(0, Math.min(events.size(), bounds.events()));
        return new Slice(slice, candidates > slice.size());
    }

    private static String sql(String where, String order) {
        return sql("of_project.event", where, order);
    }

    /** The events of a relation, as many and as much as the last two values say. */
    static String sql(String relation, String where, String order) {
        // The running sum looks at sizes only: payloads beyond the limit are not read.
        return """
                select %1$s, candidates from (
                    select %1$s, count(*) over () as candidates,
                        sum(payload_bytes) over (order by %3$s rows unbounded preceding) - payload_bytes as bytes_before
                    from (select %1$s, payload_bytes from %4$s where %2$s order by %3$s limit ?) as found
                ) as sized
                where bytes_before < ? order by %3$s""".formatted(COLUMNS, where, order, relation);
    }

    /** The event of a row that {@link #sql(String, String, String)} found. */
    static TailEvent event(ResultSet row) throws SQLException {
        LedgerEvent event = new LedgerEvent(
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
        return new TailEvent(row.getString("project"), event);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
