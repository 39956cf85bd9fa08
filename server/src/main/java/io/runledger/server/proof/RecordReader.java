package io.runledger.server.proof;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads the record in order of position, each event with the one that it follows in its run. */
final class RecordReader {

    private static final int SLICE_EVENTS = 2_000;
    private static final long SLICE_BYTES = 8 << 20;

    /** The ledger has no index by project: one statement looks at so many positions for a project's events. */
    private static final long WINDOW = 20_000;

    /** Ends of runs that are remembered, so that not each event has its predecessor looked up. */
    private static final int REMEMBERED = 20_000;

    // The running sum looks at sizes only: payloads beyond the limit are not read.
    private static final String SLICE = """
            select *, octet_length(payload::text) as actual_bytes
            from (
                select *, count(*) over () as candidates,
                    sum(payload_bytes) over (order by position rows unbounded preceding) - payload_bytes as before
                from (
                    select * from ledger.event
                    where position > ? and position <= ? and project = coalesce(?, project)
                    order by position limit ?
                ) as next
            ) as sized
            where before < ? order by position""";

    private static final String PREDECESSORS = """
            select run_id, sequence, project, position, hash from ledger.event
            join unnest(?::uuid[], ?::bigint[]) as wanted (run_id, sequence) using (run_id, sequence)""";

    private final JdbcClient jdbc;
    private final @Nullable String project;

    private final Map<RunId, Link.End> ends = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<RunId, Link.End> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Reads the events of this project; of all when it is null. */
    RecordReader(JdbcClient jdbc, @Nullable String project) {
        this.jdbc = jdbc;
        this.project = project;
    }

    /** Takes events one after the other. */
    interface Visitor {

        /** One event, and the one before it in its run; null when there is none. */
        void visit(Link link, Link.@Nullable End before);
    }

    /** How much a reading may take: positions of the ledger, and bytes of payloads. */
    record Effort(long positions, long bytes) {}

    /** The position of the ledger's last event; 0 before the first. */
    long head() {
        return jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
    }

    /**
     * Shows the events after a position, up to and with another one, or fewer when they take too much effort.
     *
     * @return the position up to which all were shown
     */
    long read(long after, long upTo, Effort effort, Visitor visitor) {
        long last = Math.min(upTo, after + effort.positions());
        // No event has a position below the first, unless somebody put it there so that no reader comes by.
        long read = after == 0 ? Long.MIN_VALUE : after;
        long bytes = 0;
        while (read < last && bytes < effort.bytes()) {
            long window = Math.min(last, Math.max(read, 0) + WINDOW);
            Slice slice = slice(read, window);
            Map<Place, Link.End> found = lookUp(slice.links());
            for (Link link : slice.links()) {
                visitor.visit(link, before(link, found));
                ends.put(link.event().runId(), link.end());
                bytes += link.event().payload().text().length();
            }
            read = slice.isWhole() ? window : slice.links().getLast().position();
        }
        return read;
    }

    private record Place(RunId run, long sequence) {

        static Place before(Link link) {
            return new Place(link.event().runId(), link.event().sequence() - 1);
        }
    }

    /** Events in their order; not whole: there are others before the end of what was asked for. */
    private record Slice(List<Link> links, boolean isWhole) {}

    private Link.@Nullable End before(Link link, Map<Place, Link.End> found) {
        Link.End remembered = ends.get(link.event().runId());
        return remembered != null && remembered.sequence() == link.event().sequence() - 1
                ? remembered
                : found.get(Place.before(link));
    }

    /** The events before those that follow none of this slice and none that is remembered. */
    private Map<Place, Link.End> lookUp(List<Link> slice) {
        Map<RunId, Long> last = new HashMap<>();
        List<Place> wanted = new ArrayList<>();
        for (Link link : slice) {
            RunId run = link.event().runId();
            Link.End remembered = ends.get(run);
            Long known =
                    last.containsKey(run) ? last.get(run) : remembered == null ? null : (Long) remembered.sequence();
            long before = link.event().sequence() - 1;
            if (before >= 0 && (known == null || known != before)) {
                wanted.add(new Place(run, before));
            }
            last.put(run, link.event().sequence());
        }
        Map<Place, Link.End> found = new HashMap<>();
        if (!wanted.isEmpty()) {
            UUID[] runs = wanted.stream().map(place -> place.run().value()).toArray(UUID[]::new);
            Long[] sequences = wanted.stream().map(Place::sequence).toArray(Long[]::new);
            jdbc.sql(PREDECESSORS).params(runs, sequences).query(row -> {
                Link.End end = new Link.End(
                        row.getString("project"),
                        row.getLong("sequence"),
                        row.getLong("position"),
                        row.getBytes("hash"));
                found.put(new Place(new RunId(row.getObject("run_id", UUID.class)), end.sequence()), end);
            });
        }
        return found;
    }

    private Slice slice(long after, long upTo) {
        long[] candidates = {0};
        List<Link> links = jdbc.sql(SLICE)
                .param(after)
                .param(upTo)
                .param(project)
                .param(SLICE_EVENTS)
                .param(SLICE_BYTES)
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return link(row);
                })
                .list();
        return new Slice(links, candidates[0] == links.size() && links.size() < SLICE_EVENTS);
    }

    private static Link link(ResultSet row) throws SQLException {
        StoredEvent event = new StoredEvent(
                Ulid.print(row.getObject("id", UUID.class)),
                row.getString("project"),
                new RunId(row.getObject("run_id", UUID.class)),
                row.getLong("sequence"),
                row.getString("type"),
                row.getInt("version"),
                time(row, "occurred_at"),
                time(row, "recorded_at"),
                row.getString("actor"),
                row.getString("correlation_id"),
                row.getString("causation_id"),
                row.getString("command_id"),
                new Json(row.getString("payload")));
        // The key and the size stand beside the payload for the store's own use; the hash covers the payload only.
        boolean consistent = row.getInt("payload_bytes") == row.getInt("actual_bytes")
                && Objects.equals(row.getString("run_key"), CreatedKey.in(event));
        return new Link(event, row.getLong("position"), row.getBytes("hash"), consistent);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
