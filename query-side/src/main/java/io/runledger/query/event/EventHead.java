package io.runledger.query.event;

import io.runledger.api.RecentRecord;
import io.runledger.api.RecentRecord.Entry;
import io.runledger.api.StoredEvent;
import java.util.HexFormat;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads the end of the ledger, of all projects together: for the tail, which gives each stream what belongs to it, and
 * never for an answer.
 */
final class EventHead {

    private static final String AFTER = EventReader.sql("ledger.event", "position > ?", "position");

    private final JdbcClient jdbc;
    private final RecentRecord recent;

    EventHead(JdbcClient jdbc, RecentRecord recent) {
        this.jdbc = jdbc;
        this.recent = recent;
    }

    /** The position of the ledger's last event; 0 before the first. */
    long position() {
        return jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
    }

    /** Events of all projects after this position. */
    EventReader.Slice after(long position, EventReader.Bounds bounds) {
        List<Entry> own = recent.entriesAfter(position, bounds.events());
        if (!own.isEmpty()) {
            return new EventReader.Slice(own.stream().map(EventHead::event).toList(), own.size() == bounds.events());
        }
        long[] candidates = {0};
        List<TailEvent> events = jdbc.sql(AFTER)
                .params(position, bounds.events() + 1, bounds.bytes())
                .query((row, _) -> {
                    candidates[0] = row.getLong("candidates");
                    return EventReader.event(row);
                })
                .list();
        return EventReader.slice(events, candidates[0], bounds);
    }

    private static TailEvent event(Entry entry) {
        StoredEvent event = entry.event();
        return new TailEvent(
                event.project(),
                new LedgerEvent(
                        event.id(),
                        event.type(),
                        event.version(),
                        event.runId(),
                        event.sequence(),
                        entry.position(),
                        event.occurredAt(),
                        event.recordedAt(),
                        event.actor(),
                        event.correlationId(),
                        event.causationId(),
                        event.commandId(),
                        event.payload(),
                        HexFormat.of().formatHex(entry.hash())));
    }
}
