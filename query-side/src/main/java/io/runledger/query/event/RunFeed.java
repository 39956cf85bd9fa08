package io.runledger.query.event;

import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.query.event.OpenStreams.OpenStream;

/**
 * One run's events after a sequence number, until the run has ended. The events that were not asked for are read too,
 * because any of them may be the end, or a resumption after it.
 */
final class RunFeed implements Feed {

    /** Before the first position, so that the database is asked first. */
    private static final long NOWHERE = -1;

    private final EventReader reader;
    private final Subject.OfRun subject;
    private final EventFilter filter;
    private final long after;
    private long sequence;
    private boolean ended;

    RunFeed(EventReader reader, RunId run, EventReader.LastEvent last, EventFilter filter, long after) {
        this.reader = reader;
        this.subject = new Subject.OfRun(last.project(), run);
        this.filter = filter;
        this.after = after;
        this.sequence = after;
        this.ended = RunEvent.ENDS.contains(last.type());
    }

    /** Whether the reader has seen the end of this run already, so that there is nothing to stream. */
    static boolean isOver(EventReader.LastEvent last, long after) {
        return RunEvent.ENDS.contains(last.type()) && last.sequence() <= after;
    }

    @Override
    public Subject subject() {
        return subject;
    }

    @Override
    public long start() {
        return NOWHERE;
    }

    @Override
    public Found history(OpenStream stream, long searched, long head) {
        EventReader.Slice slice =
                stream.read(() -> reader.ofRun(subject.project(), subject.run(), sequence, EventFilter.ALL, SLICE));
        long last =
                slice.events().isEmpty() ? searched : slice.events().getLast().position();
        // With nothing more in sight, the run has nothing else up to where the ledger was read before.
        return slice.more()
                ? new Found(slice.events(), last, false)
                : new Found(slice.events(), Math.max(last, head), true);
    }

    @Override
    public Found narrowed(OpenStream stream, Found recent) {
        return recent;
    }

    @Override
    public boolean takes(TailEvent event) {
        sequence = Math.max(sequence, event.event().sequence());
        ended = RunEvent.ENDS.contains(event.event().type());
        return event.event().sequence() > after && filter.wants(event.event());
    }

    @Override
    public long idOf(LedgerEvent event) {
        return event.sequence();
    }

    @Override
    public boolean isOver() {
        return ended;
    }
}
