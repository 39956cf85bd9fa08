package io.runledger.command.store;

import io.runledger.api.RecordListener;
import io.runledger.api.RunEvent;
import io.runledger.api.StoredEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.GenericMessage;
import org.jspecify.annotations.Nullable;

/**
 * The last events that this node wrote, each by its place in the whole ledger: who follows the ledger here need not ask
 * the database for them, nor make them from JSON again, which would give back the same. What has the very next place is
 * the next event, whoever else writes (ADR 2); where it is not here, only the database knows whether there is one.
 */
final class RecentAppends implements RecordListener {

    private static final int MOST_EVENTS = 1 << 12;

    /** So all of them are 32 MB at most. */
    private static final int LARGEST_CHARS = 1 << 12;

    private final AtomicReferenceArray<@Nullable Recent> events = new AtomicReferenceArray<>(MOST_EVENTS);

    private record Recent(long position, StoredEvent event, RunEvent content) {}

    @Override
    public void recorded(StoredEvent event, RunEvent content, long position) {
        boolean small = event.payload().text().length() <= LARGEST_CHARS;
        events.set(slot(position), small ? new Recent(position, event, content) : null);
    }

    /** At most so many of the events that follow this place without a gap; none when the first of them is not here. */
    List<TrackedEventMessage<?>> after(long position, int most) {
        List<TrackedEventMessage<?>> found = new ArrayList<>();
        for (long next = position + 1; found.size() < most; next++) {
            Recent recent = events.get(slot(next));
            if (recent == null || recent.position() != next) {
                break;
            }
            found.add(message(recent));
        }
        return found;
    }

    private static int slot(long position) {
        return (int) (position & (MOST_EVENTS - 1));
    }

    /** As it would come from the database. */
    private static TrackedEventMessage<?> message(Recent recent) {
        StoredEvent event = recent.event();
        Instant recordedAt = event.recordedAt();
        DomainEventMessage<?> message = new GenericDomainEventMessage<>(
                EventRow.AGGREGATE,
                event.runId().toString(),
                event.sequence(),
                new GenericMessage<>(event.id(), recent.content(), EventHeader.of(event, recent.position())),
                () -> recordedAt);
        return new GenericTrackedDomainEventMessage<>(new GlobalSequenceTrackingToken(recent.position()), message);
    }
}
