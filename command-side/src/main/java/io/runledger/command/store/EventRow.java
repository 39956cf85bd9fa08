package io.runledger.command.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.jspecify.annotations.Nullable;

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
        long position)
        implements DomainEventData<String>, TrackedEventData<String> {

    static EventRow read(ResultSet row) throws SQLException {
        Map<String, Object> header = new HashMap<>();
        long position = row.getLong("position");
        header.put(EventHeader.POSITION, position);
        header.put(EventHeader.OCCURRED_AT, instant(row, "occurred_at"));
        put(header, EventHeader.PROJECT, row.getString("project"));
        put(header, EventHeader.ACTOR, row.getString("actor"));
        put(header, EventHeader.CORRELATION_ID, row.getString("correlation_id"));
        put(header, EventHeader.CAUSATION_ID, row.getString("causation_id"));
        put(header, EventHeader.COMMAND_ID, row.getString("command_id"));
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
                        MetaData.from(header),
                        MetaData.class,
                        new SimpleSerializedType(MetaData.class.getName(), null)),
                instant(row, "recorded_at"),
                position);
    }

    private static void put(Map<String, Object> header, String name, @Nullable String value) {
        if (value != null) {
            header.put(name, value);
        }
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
        return "Run";
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
