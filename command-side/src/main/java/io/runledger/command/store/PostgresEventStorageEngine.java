package io.runledger.command.store;

import io.runledger.api.RecentRecord;
import io.runledger.api.RecordListener;
import io.runledger.api.RunId;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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

    /** What a reader takes into memory at once. */
    private static final int BATCH_EVENTS = 1_000;

    // The runs of a group have a few events each, so one batch mostly is all of them; the second begins after the last
    // event of the first.
    private static final int GROUP_RUNS = 200;

    private final EventRows rows;
    private final EventWriter writer;
    private final ReadAhead ahead = new ReadAhead();
    private final RecentAppends recent;

    private PostgresEventStorageEngine(EventRows rows, EventWriter writer, RecentAppends recent, Builder builder) {
        super(builder);
        this.rows = rows;
        this.writer = writer;
        this.recent = recent;
    }

    /**
     * An engine on this database; its connections must be in auto-commit mode, for an append commits itself.
     *
     * @param neighbours whether other nodes are to be notified
     * @param listeners are told of what this engine wrote, when it is durable
     */
    public static PostgresEventStorageEngine create(
            DataSource dataSource,
            Serializer eventSerializer,
            EventUpcaster upcasters,
            Clock clock,
            Neighbours neighbours,
            List<RecordListener> listeners) {
        Builder builder = new Builder();
        builder.eventSerializer(eventSerializer)
                .snapshotSerializer(eventSerializer)
                .upcasterChain(upcasters)
                .batchSize(BATCH_EVENTS)
                .finalAggregateBatchPredicate(PostgresEventStorageEngine::isLast);
        RecentAppends recent = new RecentAppends(neighbours);
        EventWriter writer = new EventWriter(dataSource, clock, recent, listeners);
        return new PostgresEventStorageEngine(new EventRows(dataSource), writer, recent, builder);
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
        return rows.after(last, batchSize);
    }

    @Override
    protected List<? extends DomainEventData<?>> fetchDomainEvents(
            String aggregateIdentifier, long firstSequenceNumber, int batchSize) {
        List<EventRow> events = firstSequenceNumber == 0 ? ahead.take(aggregateIdentifier) : List.of();
        if (events.isEmpty()) {
            events = rows.ofRun(RunIds.uuid(aggregateIdentifier), firstSequenceNumber, batchSize);
        }
        if (!events.isEmpty()) {
            // Who loads a run is about to append to it.
            writer.remember(events.getLast());
        }
        return events;
    }

    /** What this engine wrote last. */
    public RecentRecord recent() {
        return recent;
    }

    /**
     * Has this called when this engine wrote something that calls for it (see {@link WorkChannels}), on the thread that
     * wrote: it must be quick, and what it throws is logged.
     */
    public void on(String channel, Runnable listener) {
        recent.on(channel, listener);
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

    /** Whether this run's events were read ahead, and not taken since. */
    public boolean isReadAhead(RunId run) {
        return ahead.contains(run.toString());
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
        List<EventRow> next = rows.ofRuns(group, position, last, BATCH_EVENTS);
        return new Part(from, isLast(next), next);
    }

    /** Whether a run has no more events than these: a batch may also be short because its events are large. */
    private static boolean isLast(List<? extends DomainEventData<?>> batch) {
        long bytes = batch.stream().mapToLong(row -> ((EventRow) row).bytes()).sum();
        return batch.size() < BATCH_EVENTS && bytes < EventRows.MOST_BYTES;
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
        UUID runId = RunIds.uuid(aggregateIdentifier);
        return rows.number(
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
        return token(rows.number("select max(position) from ledger.event", _ -> {}));
    }

    @Override
    @SuppressWarnings("NullAway")
    public TrackingToken createTokenAt(Instant dateTime) {
        OffsetDateTime time = dateTime.atOffset(ZoneOffset.UTC);
        return token(rows.number(
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

    /** Collects what the base class needs; its own builder is abstract. */
    private static final class Builder extends BatchingEventStorageEngine.Builder {}
}
