package io.runledger.query.projection;

import io.runledger.api.RecentRecord.Entry;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.util.Objects;
import org.axonframework.eventhandling.DomainEventMessage;
import org.jspecify.annotations.Nullable;

/**
 * An event as it came from the store: either readable, or with the reason why not. An unreadable one still says whose it
 * is, so that it stops its own run only.
 */
public record ReadEvent(
        RunId runId,
        String project,
        long sequence,
        long position,
        @Nullable RecordedEvent event,
        @Nullable RuntimeException failure) {

    /** What this message holds. */
    public static ReadEvent of(DomainEventMessage<?> message) {
        RunId runId = RunId.of(message.getAggregateIdentifier());
        String project = RecordedEvent.header(message, RecordedEvent.PROJECT, String.class);
        long sequence = message.getSequenceNumber();
        long position = RecordedEvent.header(message, RecordedEvent.POSITION, Long.class);
        try {
            return new ReadEvent(runId, project, sequence, position, RecordedEvent.of(message), null);
        } catch (RuntimeException e) {
            return new ReadEvent(runId, project, sequence, position, null, e);
        }
    }

    /** What this node itself recorded. */
    static ReadEvent of(Entry entry) {
        StoredEvent event = entry.event();
        RecordedEvent recorded = RecordedEvent.of(entry);
        return new ReadEvent(event.runId(), event.project(), event.sequence(), entry.position(), recorded, null);
    }

    /** Why it could not be read; only of one that could not. */
    RuntimeException reason() {
        return Objects.requireNonNull(failure);
    }
}
