package io.runledger.query.event;

/** A project's events after a position. It never ends. */
final class ProjectFeed implements Feed {

    private static final EventReader.Bounds SLICE = new EventReader.Bounds(Found.MOST, Found.MOST_BYTES);

    private final EventReader reader;
    private final Subject.OfProject subject;
    private final EventFilter filter;
    private long searched;

    ProjectFeed(EventReader reader, String project, EventFilter filter, long after) {
        this.reader = reader;
        this.subject = new Subject.OfProject(project);
        this.filter = filter;
        this.searched = after;
    }

    @Override
    public Subject subject() {
        return subject;
    }

    @Override
    public long searched() {
        return searched;
    }

    @Override
    public void searchedTo(long position) {
        searched = Math.max(searched, position);
    }

    @Override
    public boolean wants(TailEvent event) {
        return filter.wants(event.event());
    }

    @Override
    public Found history(long head) {
        long last = EventQueries.endOfWindow(searched, head, filter);
        EventReader.Slice slice = reader.ofProject(subject.project(), searched, last, filter, SLICE);
        long end = slice.more() ? slice.events().getLast().position() : last;
        return new Found(slice.events(), end, false);
    }

    @Override
    public void passed(TailEvent event) {
        // Where the reader is, is told by the position alone.
    }

    @Override
    public long idOf(LedgerEvent event) {
        return event.position();
    }

    @Override
    public boolean isOver() {
        return false;
    }
}
