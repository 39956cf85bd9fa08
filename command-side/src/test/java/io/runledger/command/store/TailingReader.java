package io.runledger.command.store;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.jspecify.annotations.Nullable;

/** Reads the ledger from its last token on, as a processor does, and remembers what it saw and which numbers it passed. */
final class TailingReader {

    private final List<Long> seen = new ArrayList<>();
    private final TreeSet<Long> holes = new TreeSet<>();
    private final AtomicLong last = new AtomicLong();
    private @Nullable TrackingToken token;

    /** Reads at most so many events; an engine is handed in anew, as after a restart. */
    void poll(PostgresEventStorageEngine engine, int limit) {
        try (var events = engine.readEvents(token, false)) {
            events.limit(limit).forEach(this::see);
        }
    }

    private void see(TrackedEventMessage<?> event) {
        long position = event.trackingToken().position().orElseThrow();
        for (long passed = last.get() + 1; passed < position; passed++) {
            holes.add(passed);
        }
        seen.add(position);
        token = event.trackingToken();
        last.set(position);
    }

    /** The position that was seen last; may be asked by other threads. */
    long last() {
        return last.get();
    }

    List<Long> seen() {
        return seen;
    }

    /** Numbers that were passed without an event. */
    TreeSet<Long> holes() {
        return holes;
    }
}
