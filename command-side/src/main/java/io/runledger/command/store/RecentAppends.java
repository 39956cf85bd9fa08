package io.runledger.command.store;

import io.runledger.api.RecentRecord;
import io.runledger.api.RunEvent;
import io.runledger.command.store.Append.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
final class RecentAppends implements RecentRecord {

    private static final int MOST_EVENTS = 1 << 12;

    /** So all of them are 32 MB at most. */
    private static final int LARGEST_CHARS = 1 << 12;

    private final String node = UUID.randomUUID().toString();
    private final AtomicReferenceArray<@Nullable Recent> events = new AtomicReferenceArray<>(MOST_EVENTS);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, List<Runnable>> called = new ConcurrentHashMap<>();

    private final Neighbours neighbours;

    private record Recent(Entry entry, RunEvent content) {}

    RecentAppends(Neighbours neighbours) {
        this.neighbours = neighbours;
    }

    /** What the database is to say when it tells all nodes of what this one writes; null when it need tell nobody. */
    @Nullable
    String told() {
        return neighbours.mayListen() ? node : null;
    }

    /** Remembers what has just become durable, and calls who waits for it here. */
    void add(List<Append> group, List<String> channels) {
        for (Append append : group) {
            for (int i = 0; i < append.rows().size(); i++) {
                Row row = append.rows().get(i);
                long position = append.position(i);
                boolean small = row.event().payload().text().length() <= LARGEST_CHARS;
                events.set(
                        slot(position),
                        small ? new Recent(new Entry(row.event(), row.hash(), position), row.content()) : null);
            }
        }
        listeners.forEach(Runnable::run);
        channels.forEach(channel -> called.getOrDefault(channel, List.of()).forEach(Runnable::run));
    }

    /** Has this called, like {@link #onRecord}, when there is something to do of this sort: see {@link WorkChannels}. */
    void on(String channel, Runnable listener) {
        called.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(listener);
    }

    @Override
    public List<Entry> entriesAfter(long position, int most) {
        return after(position, most).stream().map(Recent::entry).toList();
    }

    /** Like {@link #entriesAfter}, as they would be read from the database. */
    List<TrackedEventMessage<?>> messagesAfter(long position, int most) {
        List<TrackedEventMessage<?>> messages = new ArrayList<>();
        after(position, most).forEach(recent -> messages.add(message(recent)));
        return messages;
    }

    private List<Recent> after(long position, int most) {
        List<Recent> found = new ArrayList<>();
        for (long next = position + 1; found.size() < most; next++) {
            Recent recent = events.get(slot(next));
            if (recent == null || recent.entry().position() != next) {
                break;
            }
            found.add(recent);
        }
        return found;
    }

    private static int slot(long position) {
        return (int) (position & (MOST_EVENTS - 1));
    }

    private static TrackedEventMessage<?> message(Recent recent) {
        Entry entry = recent.entry();
        Instant recordedAt = entry.event().recordedAt();
        DomainEventMessage<?> message = new GenericDomainEventMessage<>(
                EventRow.AGGREGATE,
                entry.event().runId().toString(),
                entry.event().sequence(),
                new GenericMessage<>(
                        entry.event().id(), recent.content(), EventHeader.of(entry.event(), entry.position())),
                () -> recordedAt);
        return new GenericTrackedDomainEventMessage<>(new GlobalSequenceTrackingToken(entry.position()), message);
    }

    @Override
    public void onRecord(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public boolean isOwn(String notification) {
        return notification.equals(node);
    }
}
