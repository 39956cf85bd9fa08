package io.runledger.query.projection;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RecentRecord.Entry;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.time.Instant;
import java.util.Objects;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.UnknownSerializedType;

/**
 * An event of a run with what the views need of its header.
 *
 * @param sequence its place in the run
 * @param position its place in the whole ledger
 */
public record RecordedEvent(
        RunId runId,
        long sequence,
        long position,
        Instant occurredAt,
        Instant recordedAt,
        String actor,
        String project,
        RunEvent event) {

    // The names that the event store puts on what it reads (EventHeader in command-side, which is out of sight here);
    // the tests of the server, which sees both, would fail if they differed.
    static final String PROJECT = "project";
    static final String ACTOR = "actor";
    static final String OCCURRED_AT = "occurred_at";
    static final String POSITION = "position";

    /**
     * The event in a message that was read from the event store.
     *
     * @throws Problem when a newer version of the ledger wrote it
     */
    public static RecordedEvent of(DomainEventMessage<?> message) {
        if (message.getPayload() instanceof UnknownSerializedType unknown) {
            SerializedType type = unknown.serializedType();
            throw new Problem(
                    ProblemCode.UNAVAILABLE,
                    "This node cannot read an event of the run (%s, version %s): a newer version of the ledger wrote it. Ask"
                                    .formatted(type.getName(), type.getRevision())
                            + " a node of that version.");
        }
        return new RecordedEvent(
                RunId.of(message.getAggregateIdentifier()),
                message.getSequenceNumber(),
                header(message, POSITION, Long.class),
                header(message, OCCURRED_AT, Instant.class),
                message.getTimestamp(),
                header(message, ACTOR, String.class),
                header(message, PROJECT, String.class),
                (RunEvent) message.getPayload());
    }

    /** An event that this node itself recorded. */
    static RecordedEvent of(Entry entry) {
        StoredEvent event = entry.event();
        return new RecordedEvent(
                event.runId(),
                event.sequence(),
                entry.position(),
                event.occurredAt(),
                event.recordedAt(),
                event.actor(),
                event.project(),
                entry.content());
    }

    static <T> T header(DomainEventMessage<?> message, String name, Class<T> type) {
        Object value = message.getMetaData().get(name);
        return Objects.requireNonNull(type.cast(value), () -> "an event without " + name + ": " + message);
    }
}
