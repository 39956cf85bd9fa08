package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import java.time.Instant;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An event that no node of today knows, at the end of a run: written in order and chained, as a newer node would. */
public record NewerEvent(JdbcClient owner, UUID run, String type, int version) {

    /** Writes one with these words. */
    public static NewerEvent write(JdbcClient owner, UUID run, String type, int version) {
        owner.sql("""
                        select project, sequence, hash from ledger.event
                        where run_id = ? order by sequence desc limit 1""").param(run).query(row -> {
            Instant now = Instant.parse("2026-01-31T12:00:00Z");
            StoredEvent event = new StoredEvent(
                    Ulid.print(UUID.randomUUID()),
                    row.getString("project"),
                    new RunId(run),
                    row.getLong("sequence") + 1,
                    type,
                    version,
                    now,
                    now,
                    "key:newer",
                    null,
                    null,
                    null,
                    new Json("{\"to\":\"the moon\"}"));
            owner.sql("""
                                    with ordered as materialized (
                                        select pg_advisory_xact_lock(8247619704435533669), pg_notify('runledger_event', ''))
                                    insert into ledger.event (id, project, run_id, sequence, type, version, payload,
                                        payload_bytes, actor, occurred_at, recorded_at, hash)
                                    select ?, ?, ?, ?, ?, ?, ?::json, 17, 'key:newer', ?::timestamptz, ?::timestamptz, ?
                                    from ordered""")
                    .params(Ulid.parse(event.id()), event.project(), run, event.sequence(), type, version)
                    .params(event.payload().text(), EventHash.time(now), EventHash.time(now))
                    .param(EventHash.next(row.getBytes("hash"), event))
                    .update();
        });
        return new NewerEvent(owner, run, type, version);
    }

    /** The same database serves others, for whom nothing of this has happened. */
    public void forget() {
        owner.sql("alter table ledger.event disable trigger event_is_immutable").update();
        owner.sql("delete from ledger.event where run_id = ? and type = ? and version = ?")
                .params(run, type, version)
                .update();
        owner.sql("alter table ledger.event enable trigger event_is_immutable").update();
    }
}
