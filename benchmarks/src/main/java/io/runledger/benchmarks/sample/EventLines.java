package io.runledger.benchmarks.sample;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import io.runledger.benchmarks.sample.SampleRun.Happening;
import io.runledger.command.store.EventSerializer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.UUID;
import org.axonframework.serialization.SerializedObject;

/** Writes events as the ledger itself would have: serialized by its serializer, chained by its hashes. */
final class EventLines implements AutoCloseable {

    private static final String COLUMNS = "position, id, project, run_id, sequence, type, version, payload,"
            + " payload_bytes, actor, correlation_id, run_key, occurred_at, recorded_at, hash";

    private final EventSerializer serializer = EventSerializer.create();
    private final SplittableRandom random;
    private final CopyLines lines;

    EventLines(Connection connection, long seed) {
        this.random = new SplittableRandom(seed);
        this.lines = new CopyLines(connection, "ledger.event", COLUMNS, Integer.MAX_VALUE);
    }

    /** Writes the run's event with this sequence number; the answer is its hash. */
    byte[] write(SampleRun run, int sequence, long position, byte[] previous) throws SQLException {
        Happening happening = run.happenings().get(sequence);
        SerializedObject<String> payload = serializer.serialize(happening.event(), String.class);
        UUID id = new UUID(happening.micros() / 1_000 << 16 | random.nextInt() & 0xFFFF, random.nextLong());
        Instant at = happening.at();
        StoredEvent event = new StoredEvent(
                Ulid.print(id),
                run.created().project(),
                run.id(),
                sequence,
                payload.getType().getName(),
                Integer.parseInt(payload.getType().getRevision()),
                at,
                at,
                SampleRuns.ACTOR,
                "sample-" + position,
                null,
                null,
                new Json(payload.getData()));
        byte[] hash = EventHash.next(previous, event);
        lines.add(position)
                .add(id)
                .add(event.project())
                .add(run.id().value())
                .add(sequence)
                .add(event.type())
                .add(event.version())
                .add(payload.getData())
                .add(payload.getData().getBytes(StandardCharsets.UTF_8).length)
                .add(event.actor())
                .add(event.correlationId())
                .add(happening.event() instanceof RunCreated created ? created.key() : null)
                .add(EventHash.time(at))
                .add(EventHash.time(at))
                .add("\\x" + HexFormat.of().formatHex(hash))
                .end();
        return hash;
    }

    @Override
    public void close() {
        lines.close();
    }
}
