package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A record of many runs that succeeded, with right chains; ten events a run, a hundred runs at a time side by side. */
public final class LongRecord {

    private static final int SIDE_BY_SIDE = 100;

    /** Of each run. */
    public static final int EVENTS = 10;

    private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.123456Z");

    private LongRecord() {}

    /** Writes so many runs, a multiple of a hundred. */
    public static void write(JdbcClient owner, String project, int runs) {
        for (int run = 0; run < runs; run += SIDE_BY_SIDE) {
            List<StoredEvent> events = new ArrayList<>();
            List<byte[]> hashes = new ArrayList<>();
            UUID[] ids = new UUID[SIDE_BY_SIDE];
            byte[][] ends = new byte[SIDE_BY_SIDE][];
            for (int sequence = 0; sequence < EVENTS; sequence++) {
                for (int i = 0; i < SIDE_BY_SIDE; i++) {
                    ids[i] = sequence == 0 ? UUID.randomUUID() : ids[i];
                    StoredEvent event = event(project, ids[i], sequence);
                    ends[i] = EventHash.next(sequence == 0 ? EventHash.genesis() : ends[i], event);
                    events.add(event);
                    hashes.add(ends[i]);
                }
            }
            insert(owner, events, hashes);
        }
    }

    private static StoredEvent event(String project, UUID id, int sequence) {
        RunId run = new RunId(id);
        return switch (sequence) {
            case 0 -> event(project, run, sequence, "run.created", """
                    {"run_id":"%s","project":"%s","target":"task:long","mode":"async","name":"a long record",\
                    "labels":{"team":"long"},"queue":"default","priority":0,"max_attempts":1}""".formatted(run, project));
            case 1 -> event(project, run, sequence, "run.queued", "{}");
            case 2 ->
                event(
                        project,
                        run,
                        sequence,
                        "run.started",
                        "{\"attempt\":1,\"worker\":\"long\",\"lease_seconds\":30}");
            case EVENTS - 1 ->
                event(project, run, sequence, "run.succeeded", "{\"output\":{\"rows\":9000},\"exit_code\":0}");
            default ->
                event(
                        project,
                        run,
                        sequence,
                        "run.progressed",
                        "{\"percent\":%d,\"message\":\"%s\",\"checkpoint\":{\"row\":%d}}"
                                .formatted(sequence * 10, "as far as here ".repeat(8), sequence * 1_000));
        };
    }

    private static StoredEvent event(String project, RunId run, int sequence, String type, String payload) {
        return new StoredEvent(
                Ulid.print(UUID.randomUUID()),
                project,
                run,
                sequence,
                type,
                1,
                TIME,
                TIME,
                "key:long",
                "request",
                null,
                null,
                new Json(payload));
    }

    private static void insert(JdbcClient owner, List<StoredEvent> events, List<byte[]> hashes) {
        owner.sql("""
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, correlation_id, occurred_at, recorded_at, hash)
                        select id, ?, run_id, sequence, type, 1, payload::json, octet_length(payload),
                            'key:long', 'request', ?::timestamptz, ?::timestamptz, decode(hash, 'hex')
                        from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[]) with ordinality
                            as event (id, run_id, sequence, type, payload, hash, place) order by place""")
                .param(events.getFirst().project())
                .param(EventHash.time(TIME))
                .param(EventHash.time(TIME))
                .param(events.stream().map(event -> Ulid.parse(event.id())).toArray(UUID[]::new))
                .param(events.stream().map(event -> event.runId().value()).toArray(UUID[]::new))
                .param(events.stream().map(StoredEvent::sequence).toArray(Long[]::new))
                .param(events.stream().map(StoredEvent::type).toArray(String[]::new))
                .param(events.stream().map(event -> event.payload().text()).toArray(String[]::new))
                .param(hashes.stream().map(java.util.HexFormat.of()::formatHex).toArray(String[]::new))
                .update();
    }
}
