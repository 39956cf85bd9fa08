package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.api.RunId;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Holds the view of runs against the record. The end of a chain can be cut off without a trace in the chain; the view has
 * seen it, and never shows what was not there.
 */
final class RunEnds {

    private static final int SLICE = 5_000;

    private static final String SEEN = """
            select seen.id, seen.created_at, seen.version, seen.position,
                event.position is distinct from seen.position or event.project <> seen.project as gone
            from (
                select id, project, created_at, version, position from view.run
                where project = ? and (created_at, id) > (?::timestamptz, ?::uuid) order by created_at, id limit ?
            ) as seen
            left join ledger.event as event on event.run_id = seen.id and event.sequence = seen.version
            order by seen.created_at, seen.id""";

    /** Before the first run. */
    static final String START = "-infinity/00000000-0000-0000-0000-000000000000";

    private final JdbcClient jdbc;

    RunEnds(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Seen(RunId run, String place, long version, long position, boolean gone) {}

    /** Looks at as many runs as this, after a place; says the next place, or null after the last run. */
    @Nullable
    String check(ProjectRecord record, String after, long runs) {
        String place = after;
        for (long looked = 0; looked < runs; looked += SLICE) {
            List<Seen> slice = slice(record.project(), place);
            slice.stream().filter(Seen::gone).forEach(seen -> record.tell(fault(seen)));
            if (slice.size() < SLICE) {
                return null;
            }
            place = slice.getLast().place();
        }
        return place;
    }

    private static Fault fault(Seen seen) {
        return new Fault(Fault.Kind.MISSING_END, seen.run(), seen.version(), seen.position(), null);
    }

    private List<Seen> slice(String project, String place) {
        int slash = place.indexOf('/');
        return jdbc.sql(SEEN)
                .params(project, place.substring(0, slash), place.substring(slash + 1), SLICE)
                .query((row, _) -> {
                    UUID id = row.getObject("id", UUID.class);
                    String created = EventHash.time(
                            row.getObject("created_at", OffsetDateTime.class).toInstant());
                    return new Seen(
                            new RunId(id),
                            created + "/" + id,
                            row.getLong("version"),
                            row.getLong("position"),
                            row.getBoolean("gone"));
                })
                .list();
    }
}
