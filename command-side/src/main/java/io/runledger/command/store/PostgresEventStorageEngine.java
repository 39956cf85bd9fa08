package io.runledger.command.store;

import io.runledger.api.RecordListener;
import io.runledger.api.RunId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.EventUtils;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.EventStreamUtils;
import org.axonframework.eventsourcing.eventstore.BatchingEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.upcasting.event.EventUpcaster;
import org.jspecify.annotations.Nullable;

/**
 * Keeps events in {@code ledger.event}, in one total order. An append is one statement that is its own transaction: it
 * takes the append lock, then draws positions, so positions become visible in order and a hole is a rolled-back append
 * that is never filled later (ADR 2). A reader therefore needs nothing but "position greater than the last".
 */
public final class PostgresEventStorageEngine extends BatchingEventStorageEngine implements AutoCloseable {

    /** What a reader takes into memory at once: so many events, and payloads of so many bytes after the first. */
    private static final int BATCH_EVENTS = 1_000;

    private static final int BATCH_BYTES = 4 << 20;

    private static final String COLUMNS = """
            position, id, project, run_id, sequence, type, version, payload, actor, correlation_id, causation_id, \
            command_id, occurred_at, recorded_at, payload_bytes""";

    private static final String READ_ALL = batch("position > ?", "position");

    // A run is folded without the inputs of its items, of which nothing but their number is wanted there; a batch of
    // 100,000 would be read in whole for every command that its memory is stale for. Their text is not even looked at.
    private static final String WITHOUT_INPUTS = """
            coalesce(case type when 'run.items_added' then (
                select '{"first":' || first || ',"inputs":[' || repeat('null,', count - 1) || 'null]}'
                from ledger.item_chunk as chunk
                where chunk.run_id = sized.run_id and chunk.sequence = sized.sequence) end, payload::text) as payload""";

    // Sequence numbers have no holes, so a batch has two ends. With one end only, a planner that takes a run for short
    // sorts all the rest of it for each batch, and loading one of 10,000 events becomes quadratic.
    private static final String READ_RUN = batch("run_id = ? and sequence >= ? and sequence < ?", "sequence")
            .replaceFirst("payload,", WITHOUT_INPUTS + ",");

    // The runs of a group have a few events each, so one batch mostly is all of them; the second begins after the last
    // event of the first.
    private static final int GROUP_RUNS = 200;

    private static final String READ_RUNS = batch(
                    "run_id = any(?) and position <= ? and (run_id, sequence) > (?, ?)", "run_id, sequence")
            .replaceFirst("payload,", WITHOUT_INPUTS + ",");

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private final DataSource dataSource;
    private final EventWriter writer;
    private final ReadAhead ahead = new ReadAhead();

    private PostgresEventStorageEngine(DataSource dataSource, EventWriter writer, Builder builder) {
        super(builder);
        this.dataSource = dataSource;
        this.writer = writer;
    }

    /**
     * An engine on this database; its connections must be in auto-commit mode, for an append commits itself.
     *
     * @param listeners are told of what this engine wrote, when it is durable
     */
    public static PostgresEventStorageEngine create(
            DataSource dataSource,
            Serializer eventSerializer,
            EventUpcaster upcasters,
            Clock clock,
            List<RecordListener> listeners) {
        Builder builder = new Builder();
        builder.eventSerializer(eventSerializer)
                .snapshotSerializer(eventSerializer)
                .upcasterChain(upcasters)
                .batchSize(BATCH_EVENTS)
                .finalAggregateBatchPredicate(PostgresEventStorageEngine::isLast);
        return new PostgresEventStorageEngine(dataSource, new EventWriter(dataSource, clock, listeners), builder);
    }

    private static String batch(String condition, String order) {
        // The running sum stops a batch at a number of bytes; it looks at sizes only, so skipped payloads are not read.
        return """
                select %1$s from (
                    select %1$s, sum(payload_bytes) over (order by %3$s) - payload_bytes as bytes_before
                    from (select %1$s from ledger.event where %2$s order by %3$s limit ?) as next
                ) as sized
                where bytes_before < ? order by %3$s""".formatted(COLUMNS, condition, order);
    }

    @Override
    protected void appendEvents(List<? extends EventMessage<?>> events, Serializer serializer) {
        if (!events.isEmpty()) {
            writer.append(events, serializer);
        }
    }

    @Override
    protected List<? extends TrackedEventData<?>> fetchTrackedEvents(@Nullable TrackingToken lastToken, int batchSize) {
        long last = lastToken == null ? -1 : lastToken.position().orElse(-1);
        return read(READ_ALL, statement -> {
            statement.setLong(1, last);
            statement.setInt(2, batchSize);
            statement.setInt(3, BATCH_BYTES);
        });
    }

    @Override
    protected List<? extends DomainEventData<?>> fetchDomainEvents(
            String aggregateIdentifier, long firstSequenceNumber, int batchSize) {
        List<EventRow> read = firstSequenceNumber == 0 ? ahead.take(aggregateIdentifier) : List.of();
        if (!read.isEmpty()) {
            return read;
        }
        UUID runId = RunIds.uuid(aggregateIdentifier);
        return read(READ_RUN, statement -> {
            statement.setObject(1, runId);
            statement.setLong(2, firstSequenceNumber);
            statement.setLong(3, firstSequenceNumber + batchSize);
            statement.setInt(4, batchSize);
            statement.setInt(5, BATCH_BYTES);
        });
    }

    /** The next events after this place, or from the first one: a batch of them, by one question. */
    public Stream<? extends TrackedEventMessage<?>> readAfter(@Nullable TrackingToken place) {
        return EventUtils.upcastAndDeserializeTrackedEvents(
                fetchTrackedEvents(place, BATCH_EVENTS).stream(), getEventSerializer(), upcasterChain);
    }

    /**
     * Reads the first of these runs by one question, for commands that are about to load each of them: a few hundred, or
     * as many as a batch holds.
     */
    public void readAhead(Collection<RunId> runs) {
        Part part = nextPart(Part.FIRST, runs.stream().map(RunId::value).toList(), Long.MAX_VALUE);
        ahead.put(part.rows(), part.isLastOfGroup());
    }

    /** The events of these runs up to this position, the events of each run together and in its order. */
    public DomainEventStream readRuns(Collection<RunId> runs, long position) {
        List<UUID> ids = runs.stream().map(RunId::value).toList();
        // Not a stream of groups that are streams of batches: whoever iterates over that holds a whole group.
        Stream<EventRow> rows = Stream.iterate(
                        Part.FIRST, part -> part.from() < ids.size(), part -> nextPart(part, ids, position))
                .flatMap(part -> part.rows().stream());
        return EventStreamUtils.upcastAndDeserializeDomainEvents(rows, getEventSerializer(), upcasterChain);
    }

    /** What was read last: some rows of the runs that begin with number {@code from}. */
    private record Part(int from, boolean isLastOfGroup, List<EventRow> rows) {

        /** Before anything is read. */
        static final Part FIRST = new Part(0, false, List.of());
    }

    private Part nextPart(Part part, List<UUID> runs, long position) {
        int from = part.isLastOfGroup() ? part.from() + GROUP_RUNS : part.from();
        if (from >= runs.size()) {
            return new Part(from, true, List.of());
        }
        UUID[] group =
                runs.subList(from, Math.min(runs.size(), from + GROUP_RUNS)).toArray(UUID[]::new);
        EventRow last = part.isLastOfGroup() || part.rows().isEmpty()
                ? null
                : part.rows().getLast();
        List<EventRow> rows = read(READ_RUNS, statement -> {
            statement.setArray(1, statement.getConnection().createArrayOf("uuid", group));
            statement.setLong(2, position);
            statement.setObject(3, last == null ? BEFORE_ALL : RunIds.uuid(last.aggregateIdentifier()));
            statement.setLong(4, last == null ? -1 : last.sequence());
            statement.setInt(5, BATCH_EVENTS);
            statement.setInt(6, BATCH_BYTES);
        });
        return new Part(from, isLast(rows), rows);
    }

    /** Whether a run has no more events than these: a batch may also be short because its events are large. */
    private static boolean isLast(List<? extends DomainEventData<?>> batch) {
        long bytes = batch.stream().mapToLong(row -> ((EventRow) row).bytes()).sum();
        return batch.size() < BATCH_EVENTS && bytes < BATCH_BYTES;
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
        UUID runId = RunIds.uuid(aggregateIdentifier);
        return number(
                "select max(sequence) from ledger.event where run_id = ?", statement -> statement.setObject(1, runId));
    }

    /** The start of history: null stands for "before the first event". */
    @Override
    @SuppressWarnings("NullAway") // Axon's own engines answer null here too
    public TrackingToken createTailToken() {
        return null;
    }

    @Override
    @SuppressWarnings("NullAway")
    public TrackingToken createHeadToken() {
        return token(number("select max(position) from ledger.event", _ -> {}));
    }

    @Override
    @SuppressWarnings("NullAway")
    public TrackingToken createTokenAt(Instant dateTime) {
        OffsetDateTime time = dateTime.atOffset(ZoneOffset.UTC);
        return token(number(
                "select max(position) from ledger.event where recorded_at < ?",
                statement -> statement.setObject(1, time)));
    }

    @SuppressWarnings("NullAway")
    private static TrackingToken token(Optional<Long> position) {
        return position.<TrackingToken>map(GlobalSequenceTrackingToken::new).orElse(null);
    }

    // No snapshots: a run is loaded from its events, or from the cache (ADR 4).
    @Override
    protected Stream<? extends DomainEventData<?>> readSnapshotData(String aggregateIdentifier) {
        return Stream.empty();
    }

    @Override
    protected void storeSnapshot(DomainEventMessage<?> snapshot, Serializer serializer) {
        throw new UnsupportedOperationException("The ledger keeps no snapshots.");
    }

    /** Writes what is waiting; appends are refused from then on. */
    @Override
    public void close() {
        writer.close();
    }

    private List<EventRow> read(String sql, Binding binding) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = IndexOrder.prepare(connection, sql)) {
            binding.bind(statement);
            try (ResultSet rows = IndexOrder.rows(statement)) {
                List<EventRow> events = new ArrayList<>();
                while (rows.next()) {
                    events.add(EventRow.read(rows));
                }
                return events;
            }
        } catch (SQLException e) {
            throw StoreFailure.of("read events", e);
        }
    }

    private Optional<Long> number(String sql, Binding binding) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return Optional.ofNullable(rows.getObject(1, Long.class));
            }
        } catch (SQLException e) {
            throw StoreFailure.of("read a position", e);
        }
    }

    private interface Binding {
        void bind(PreparedStatement statement) throws SQLException;
    }

    /** Collects what the base class needs; its own builder is abstract. */
    private static final class Builder extends BatchingEventStorageEngine.Builder {}
}
