package io.runledger.command.store;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RecentlyUsed;
import io.runledger.api.RecordListener;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunItemsAdded;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Appends the events of one command: chains their hashes, then has them written with those of other commands. */
final class EventWriter implements AutoCloseable {

    private static final int REMEMBERED_HEADS = 50_000;

    private final DataSource dataSource;
    private final Clock clock;
    private final GroupCommit commits;
    private final List<RecordListener> listeners;

    /** The last event of runs written to lately. An event never changes, so a head can be behind but never wrong. */
    private final RecentlyUsed<RunId, Head> heads = new RecentlyUsed<>(REMEMBERED_HEADS, _ -> 1);

    private final AtomicReference<Instant> lastRecordedAt = new AtomicReference<>(Instant.EPOCH);

    private record Head(long sequence, byte[] hash, Instant recordedAt) {

        static final Head NONE = new Head(-1, EventHash.genesis(), Instant.EPOCH);
    }

    EventWriter(DataSource dataSource, Clock clock, RecentAppends recent, List<RecordListener> listeners) {
        this.dataSource = dataSource;
        this.clock = clock;
        this.listeners = listeners;
        this.commits = new GroupCommit(dataSource, recent);
    }

    /**
     * Writes the events durably, or none of them.
     *
     * @throws AppendRefused when another command was first: with the same version, the same id, or the same key
     */
    void append(List<? extends EventMessage<?>> events, Serializer serializer) {
        RunId runId = RunId.of(((DomainEventMessage<?>) events.getFirst()).getAggregateIdentifier());
        Head head = headBefore(events, runId);
        Instant recordedAt = recordedAt(head);
        Append append = new Append(runId);
        byte[] hash = head.hash();
        long sequence = head.sequence();
        for (EventMessage<?> event : events) {
            StoredEvent stored = stored((DomainEventMessage<?>) event, runId, recordedAt, serializer);
            hash = EventHash.next(hash, stored);
            sequence = stored.sequence();
            append.add(stored, (RunEvent) event.getPayload(), key(event), hash);
            append.change((WorkChange) event.getMetaData().get(EventHeader.WORK));
            append.change((ItemChange) event.getMetaData().get(EventHeader.ITEMS));
            append.change((TaskChange) event.getMetaData().get(EventHeader.TASKS));
            if (event.getPayload() instanceof RunItemsAdded added) {
                append.add(
                        new Append.Chunk(stored, added.first(), added.inputs().size()));
            }
        }
        commits.write(append);
        heads.put(runId, new Head(sequence, hash, recordedAt));
        for (int i = 0; i < events.size(); i++) {
            tell(append.rows().get(i).event(), append.rows().get(i).content(), append.position(i));
        }
    }

    /** Remembers a run's last event, so that an append after it need not ask for its hash. */
    void remember(EventRow last) {
        heads.put(RunId.of(last.aggregateIdentifier()), new Head(last.sequence(), last.hash(), last.recordedAt()));
    }

    private void tell(StoredEvent event, RunEvent content, long position) {
        for (RecordListener listener : listeners) {
            listener.recorded(event, content, position);
        }
    }

    private Head headBefore(List<? extends EventMessage<?>> events, RunId runId) {
        long first = ((DomainEventMessage<?>) events.getFirst()).getSequenceNumber();
        if (first == 0) {
            return Head.NONE;
        }
        Head remembered = heads.get(runId);
        return remembered != null && remembered.sequence() == first - 1
                ? remembered
                : ReadTurns.read(() -> readHead(runId, first - 1));
    }

    private Head readHead(RunId runId, long sequence) {
        String sql = "select hash, recorded_at from ledger.event where run_id = ? and sequence = ?";
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, runId.value());
            statement.setLong(2, sequence);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("run " + runId + " has no event " + sequence);
                }
                return new Head(
                        sequence,
                        row.getBytes(1),
                        row.getObject(2, OffsetDateTime.class).toInstant());
            }
        } catch (SQLException e) {
            throw StoreFailure.of("read a run's head", e);
        }
    }

    /** Now, but never before an earlier event of this run or of this node, whatever the clock does. */
    private Instant recordedAt(Head head) {
        // Only this node's own clock is remembered: the run of a node that is ahead must not carry its error to others.
        Instant now =
                lastRecordedAt.accumulateAndGet(clock.instant().truncatedTo(ChronoUnit.MICROS), EventWriter::later);
        return later(now, head.recordedAt());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isBefore(other) ? other : one;
    }

    /** Writes what is waiting, then refuses everything. */
    @Override
    public void close() {
        commits.close();
    }

    private static StoredEvent stored(
            DomainEventMessage<?> event, RunId runId, Instant recordedAt, Serializer serializer) {
        SerializedObject<String> payload = event.serializePayload(serializer, String.class);
        MetaData header = event.getMetaData();
        Instant occurredAt = (Instant) header.get(EventHeader.OCCURRED_AT);
        return new StoredEvent(
                event.getIdentifier(),
                required(header, EventHeader.PROJECT),
                runId,
                event.getSequenceNumber(),
                payload.getType().getName(),
                Integer.parseInt(payload.getType().getRevision()),
                occurredAt == null ? recordedAt : occurredAt.truncatedTo(ChronoUnit.MICROS),
                recordedAt,
                required(header, EventHeader.ACTOR),
                optional(header, EventHeader.CORRELATION_ID),
                optional(header, EventHeader.CAUSATION_ID),
                optional(header, EventHeader.COMMAND_ID),
                new Json(payload.getData()));
    }

    private static @Nullable String key(EventMessage<?> event) {
        return event.getPayload() instanceof RunCreated created ? created.key() : null;
    }

    private static String required(MetaData header, String name) {
        String value = optional(header, name);
        if (value == null) {
            throw new IllegalStateException("an event without " + name);
        }
        return value;
    }

    private static @Nullable String optional(MetaData header, String name) {
        return (String) header.get(name);
    }
}
