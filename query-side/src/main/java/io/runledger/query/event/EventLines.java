package io.runledger.query.event;

import io.runledger.query.http.Lines;
import java.util.List;

/** A project's events after a position, up to where the ledger was when it was asked. */
final class EventLines implements Lines {

    private static final EventReader.Bounds SLICE = new EventReader.Bounds(500, 1 << 20);

    private final EventReader reader;
    private final String project;
    private final EventFilter filter;
    private final long head;
    private long searched;
    private long count;

    /**
     * The events as of now.
     *
     * @throws io.runledger.api.Problem when the view that runs are selected from does not catch up in time
     */
    EventLines(EventReader reader, String project, EventFilter filter, long after) {
        this.reader = reader;
        this.project = project;
        this.filter = filter;
        this.searched = after;
        this.head = reader.head();
        filter.await(head);
    }

    /** The last line of a complete export. */
    private record End(boolean end, long events, long next) {}

    @Override
    public boolean isDone() {
        return searched >= head;
    }

    @Override
    public List<LedgerEvent> next() {
        long last = EventQueries.endOfWindow(searched, head, filter);
        EventReader.Slice slice = reader.ofProject(project, searched, last, filter, SLICE);
        searched = slice.more() ? slice.events().getLast().position() : last;
        count += slice.events().size();
        return slice.events().stream().map(TailEvent::event).toList();
    }

    @Override
    public Object end() {
        return new End(true, count, searched);
    }
}
