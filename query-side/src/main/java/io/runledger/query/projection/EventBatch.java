package io.runledger.query.projection;

import java.util.List;

/** Events that follow one another, for all views that one processor fills, which take them in one transaction. */
public final class EventBatch {

    private final List<ReadEvent> events;
    private final long last;
    private volatile boolean over;

    /**
     * A batch that nobody has taken yet.
     *
     * @param last where the processor stands after it
     */
    public EventBatch(List<ReadEvent> events, long last) {
        this.events = List.copyOf(events);
        this.last = last;
    }

    public List<ReadEvent> events() {
        return events;
    }

    /** Where the processor stands after it. */
    public long last() {
        return last;
    }

    /** Whether its transaction has ended, one way or the other. */
    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }
}
