package io.runledger.command.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;

/**
 * One stored event as Axon's readers want it.
 *
 * @param bytes of its payload
 */
record EventRow(
        String eventIdentifier,
        String aggregateIdentifier,
        long sequence,
        SerializedObject<String> payload,
        int bytes,
        SerializedObject<MetaData> header,
        Instant recordedAt,
        byte[] hash,
        long position)
        implements DomainEventData<String>, TrackedEventData<String> {

    /** What Axon calls the type of a run. */
    static final String AGGREGATE = "Run";

    static EventRow read(ResultSet row) throws SQLException {
        long position = row.getLong("position");
        MetaData header = EventHeader.of(
                position,
                instant(row, "occurred_at"),
                row.getString("project"),
                row.getString("actor"),
                row.getString("correlation_id"),
                row.getString("causation_id"),
                row.getString("command_id"));
        return new EventRow(
                RunIds.ulid(row.getObject("id", UUID.class)),
                RunIds.ulid(row.getObject("run_id", UUID.class)),
                row.getLong("sequence"),
                new SimpleSerializedObject<>(
                        row.getString("payload"),
                        String.class,
                        new SimpleSerializedType(row.getString("type"), row.getString("version"))),
                row.getInt("payload_bytes"),
                new SimpleSerializedObject<>(
                        header, MetaData.class, new SimpleSerializedType(MetaData.class.getName(), null)),
                instant(row, "recorded_at"),
                row.getBytes("hash"),
                position);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Override
    public String getEventIdentifier() {
        return eventIdentifier;
    }

    @Override
    public Instant getTimestamp() {
        return recordedAt;
    }

    @Override
    @SuppressWarnings("unchecked") // Axon declares the header as serialized like the payload; ours is not serialized
    public SerializedObject<String> getMetaData() {
        return (SerializedObject<String>) (SerializedObject<?>) header;
    }

    @Override
    public SerializedObject<String> getPayload() {
        return payload;
    }

    @Override
    public String getType() {
        return AGGREGATE;
    }

    @Override
    public String getAggregateIdentifier() {
        return aggregateIdentifier;
    }

    @Override
    public long getSequenceNumber() {
        return sequence;
    }

    @Override
    public TrackingToken trackingToken() {
        return new GlobalSequenceTrackingToken(position);
    }
}
