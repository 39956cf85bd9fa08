package io.runledger.query.projection;

import io.runledger.api.RunId;
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

    /** Why it could not be read; only of one that could not. */
    RuntimeException reason() {
        return Objects.requireNonNull(failure);
    }
}
