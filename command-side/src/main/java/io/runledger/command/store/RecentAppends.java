package io.runledger.command.store;

import io.runledger.api.RecentRecord;
import io.runledger.command.store.Append.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last events that this node wrote, each by its place in the whole ledger: who follows the ledger here need not ask
 * the database for them, nor make them from JSON again, which would give back the same. What has the very next place is
 * the next event, whoever else writes (ADR 2); where it is not here, only the database knows whether there is one.
 */
final class RecentAppends implements RecentRecord {

    /** More than a view is behind while commands come as fast as they can be written. */
    private static final int MOST_EVENTS = 1 << 13;

    /** Of their payloads; what these say takes as much again. */
    private static final int MOST_CHARS = 1 << 24;

    private static final int LARGEST_CHARS = 1 << 12;

    private static final Logger LOG = LoggerFactory.getLogger(RecentAppends.class);

    private final String node = UUID.randomUUID().toString();
    private final AtomicReferenceArray<@Nullable Entry> entries = new AtomicReferenceArray<>(MOST_EVENTS);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, List<Runnable>> called = new ConcurrentHashMap<>();

    private final Neighbours neighbours;

    /** For who writes only. */
    private int chars;

    private long oldest;

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
                keep(new Entry(row.event(), row.content(), row.hash(), append.position(i)));
            }
        }
        listeners.forEach(RecentAppends::call);
        channels.forEach(channel -> called.getOrDefault(channel, List.of()).forEach(RecentAppends::call));
    }

    private static void call(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            // Who wrote must hear that it is durable, and the next listener of it.
            LOG.error("who was told of events failed; they are durable", e);
        }
    }

    private void keep(Entry entry) {
        replace(entry.position(), chars(entry) <= LARGEST_CHARS ? entry : null);
        oldest = Math.max(oldest, entry.position() + 1 - MOST_EVENTS);
        while (chars > MOST_CHARS) {
            replace(oldest++, null);
        }
    }

    private void replace(long position, @Nullable Entry entry) {
        chars += chars(entry) - chars(entries.getAndSet(slot(position), entry));
    }

    private static int chars(@Nullable Entry entry) {
        return entry == null ? 0 : entry.event().payload().text().length();
    }

    /** Has this called, like {@link #onRecord}, when there is something to do of this sort: see {@link WorkChannels}. */
    void on(String channel, Runnable listener) {
        called.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(listener);
    }

    @Override
    public List<Entry> entriesAfter(long position, int most) {
        List<Entry> found = new ArrayList<>();
        for (long next = position + 1; found.size() < most; next++) {
            Entry entry = entries.get(slot(next));
            if (entry == null || entry.position() != next) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    private static int slot(long position) {
        return (int) (position & (MOST_EVENTS - 1));
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
