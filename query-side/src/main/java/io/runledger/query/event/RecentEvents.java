package io.runledger.query.event;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The ledger's last events in a ring, bounded in number and in bytes. Who uses it guards it with a lock. */
final class RecentEvents {

    private final @Nullable TailEvent[] ring;
    private final long maxBytes;
    private int oldest;
    private int size;
    private long bytes;
    private long floor;
    private long head;

    RecentEvents(int maxEvents, long maxBytes) {
        this.ring = new TailEvent[maxEvents];
        this.maxBytes = maxBytes;
    }

    /** Forgets everything; what comes next comes after this position. */
    void restart(long position) {
        while (size > 0) {
            dropOldest();
        }
        floor = position;
        head = position;
    }

    /** The position up to which the ledger was read. */
    long head() {
        return head;
    }

    /** Adds the event after the last one. */
    void add(TailEvent event) {
        if (event.position() <= head) {
            throw new IllegalStateException("position " + event.position() + " after " + head);
        }
        if (size == ring.length) {
            dropOldest();
        }
        ring[(oldest + size) % ring.length] = event;
        size++;
        bytes += event.bytes();
        head = event.position();
        while (bytes > maxBytes) {
            dropOldest();
        }
    }

    private void dropOldest() {
        TailEvent dropped = at(0);
        ring[oldest] = null;
        oldest = (oldest + 1) % ring.length;
        size--;
        bytes -= dropped.bytes();
        floor = dropped.position();
    }

    /** The events after this position that are wanted; null when some of them may be forgotten already. */
    @Nullable
    Found after(long position, Predicate<TailEvent> wanted) {
        if (position < floor) {
            return null;
        }
        List<TailEvent> found = new ArrayList<>();
        long foundBytes = 0;
        for (int i = firstAfter(position); i < size; i++) {
            TailEvent event = at(i);
            if (wanted.test(event)) {
                foundBytes += event.event().payload().text().length();
                if (found.size() == Found.MOST || (foundBytes > Found.MOST_BYTES && !found.isEmpty())) {
                    return new Found(found, found.getLast().position(), false);
                }
                found.add(event);
            }
        }
        return new Found(found, Math.max(position, head), true);
    }

    private int firstAfter(long position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (at(middle).position() <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private TailEvent at(int index) {
        TailEvent event = ring[(oldest + index) % ring.length];
        if (event == null) {
            throw new IllegalStateException("nothing at " + index + " of " + size);
        }
        return event;
    }
}
