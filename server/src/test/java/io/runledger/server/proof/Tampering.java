package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What somebody who owns the database may do to the record of a project, one thing at a time. */
enum Tampering {
    PAYLOAD("payload = '{\"tampered\":1}', payload_bytes = 14"),
    ACTOR("actor = actor || 'x'"),
    CORRELATION("correlation_id = coalesce(correlation_id, '') || 'x'"),
    CAUSATION("causation_id = coalesce(causation_id, '') || 'x'"),
    COMMAND("command_id = 'forged-' || position"),
    TYPE("type = type || 'x'"),
    VERSION("version = version + 1"),
    WHEN_IT_HAPPENED("occurred_at = occurred_at - interval '1 microsecond'"),
    WHEN_IT_WAS_RECORDED("recorded_at = recorded_at - interval '1 day'"),
    ID("id = gen_random_uuid()"),
    PROJECT("project = 'default'"),
    HASH("hash = set_byte(hash, 5, get_byte(hash, 5) # 1)"),
    KEY("run_key = 'forged-' || position"),
    SIZE("payload_bytes = payload_bytes + 1"),
    RUN("run_id = gen_random_uuid()"),
    SEQUENCE("sequence = sequence + 1000"),
    POSITION(""),
    DELETED(""),
    INSERTED(""),
    SWAPPED_PAYLOADS(""),
    SWAPPED_POSITIONS(""),
    TAIL_CUT_OFF(""),
    RUN_DELETED(""),
    RUN_DELETED_ALSO_FROM_THE_VIEW(""),
    RUN_WRITTEN_ANEW("");

    private static final String COLUMNS = "id, project, run_id, sequence, type, version, payload, payload_bytes, actor,"
            + " correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash";

    private final String change;

    Tampering(String change) {
        this.change = change;
    }

    /** An event that something is done to. */
    record Victim(UUID run, long sequence, long position, String payload) {

        static Victim read(ResultSet row, int number) throws java.sql.SQLException {
            return new Victim(
                    row.getObject("run_id", UUID.class),
                    row.getLong("sequence"),
                    row.getLong("position"),
                    row.getString("payload"));
        }
    }

    /** Whether the chain or the view tells which run it is; the rest shows in checkpoints only. */
    boolean isNamed() {
        return this != SWAPPED_POSITIONS && this != RUN_DELETED_ALSO_FROM_THE_VIEW && this != RUN_WRITTEN_ANEW;
    }

    /** Does it to one of these events, or two; says to which runs. */
    List<UUID> apply(JdbcClient owner, List<Victim> events, Random random) {
        Victim one = events.get(random.nextInt(events.size()));
        Victim other = one;
        // Two with the same payload could be swapped, and nothing would have changed.
        while (other.run().equals(one.run()) || other.payload().equals(one.payload())) {
            other = events.get(random.nextInt(events.size()));
        }
        if (!change.isEmpty()) {
            owner.sql("update ledger.event set " + change + " where position = ?")
                    .param(one.position())
                    .update();
            return List.of(one.run());
        }
        switch (this) {
            case POSITION ->
                move(owner, new Long[] {one.position()}, new Long[] {
                    events.getLast().position() + 1_000
                });
            case DELETED -> delete(owner, "position = ?", one.position());
            case INSERTED ->
                owner.sql("insert into ledger.event (" + COLUMNS + ") select "
                                + COLUMNS.replaceFirst("id,", "gen_random_uuid(),")
                                        .replace(
                                                "sequence",
                                                "1 + (select max(sequence) from ledger.event as e where"
                                                        + " e.run_id = event.run_id)")
                                        .replace("command_id, run_key", "null, null")
                                + " from ledger.event where position = ?")
                        .param(one.position())
                        .update();
            case SWAPPED_PAYLOADS ->
                owner.sql("""
                                update ledger.event as to_change set payload = source.payload,
                                    payload_bytes = source.payload_bytes
                                from ledger.event as source where (to_change.position, source.position) in ((?, ?), (?, ?))""")
                        .params(one.position(), other.position(), other.position(), one.position())
                        .update();
            case SWAPPED_POSITIONS ->
                move(owner, new Long[] {one.position(), other.position()}, new Long[] {other.position(), one.position()
                });
            case TAIL_CUT_OFF -> {
                String project = owner.sql("select project from ledger.event where position = ?")
                        .param(one.position())
                        .query(String.class)
                        .single();
                delete(owner, "position >= ? and project = ?", one.position(), project);
                return events.stream()
                        .filter(event -> event.position() >= one.position())
                        .map(Victim::run)
                        .distinct()
                        .toList();
            }
            case RUN_DELETED -> delete(owner, "run_id = ?", one.run());
            case RUN_DELETED_ALSO_FROM_THE_VIEW -> {
                delete(owner, "run_id = ?", one.run());
                owner.sql("delete from view.run where id = ?").param(one.run()).update();
            }
            case RUN_WRITTEN_ANEW -> writeAnew(owner, one.run());
            default -> throw new IllegalStateException(name());
        }
        return List.of(one.run(), other.run());
    }

    private static void delete(JdbcClient owner, String which, Object... values) {
        owner.sql("delete from ledger.event where " + which).params(values).update();
    }

    private static void move(JdbcClient owner, Long[] from, Long[] to) {
        owner.sql("create temporary table gone on commit drop as select * from ledger.event where position = any(?)")
                .param((Object) from)
                .update();
        owner.sql("delete from ledger.event where position = any(?)")
                .param((Object) from)
                .update();
        owner.sql("insert into ledger.event (position, " + COLUMNS + ") overriding system value select moved.goes_to, "
                        + COLUMNS
                        + " from gone join unnest(?::bigint[], ?::bigint[]) as moved (at, goes_to) on at = position")
                .params(from, to)
                .update();
    }

    /** The first event says something else, and every hash is right again: the chain alone cannot tell. */
    private static void writeAnew(JdbcClient owner, UUID run) {
        record Row(StoredEvent event, long position) {}
        List<Row> rows = owner.sql("select * from ledger.event where run_id = ? order by sequence")
                .param(run)
                .query((row, _) -> new Row(
                        new StoredEvent(
                                io.runledger.api.Ulid.print(row.getObject("id", UUID.class)),
                                row.getString("project"),
                                new RunId(run),
                                row.getLong("sequence"),
                                row.getString("type"),
                                row.getInt("version"),
                                row.getObject("occurred_at", java.time.OffsetDateTime.class)
                                        .toInstant(),
                                row.getObject("recorded_at", java.time.OffsetDateTime.class)
                                        .toInstant(),
                                row.getLong("sequence") == 0 ? "key:somebody-else" : row.getString("actor"),
                                row.getString("correlation_id"),
                                row.getString("causation_id"),
                                row.getString("command_id"),
                                new Json(row.getString("payload"))),
                        row.getLong("position")))
                .list();
        byte[] hash = EventHash.genesis();
        for (Row row : new ArrayList<>(rows)) {
            hash = EventHash.next(hash, row.event());
            owner.sql("update ledger.event set actor = ?, hash = ? where position = ?")
                    .params(row.event().actor(), hash, row.position())
                    .update();
        }
    }
}
