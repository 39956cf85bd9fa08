package io.runledger.query.event;

import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.query.event.OpenStreams.OpenStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The events of a run and of its tasks after a position, until the run has ended. A task's events follow its queueing. */
final class FamilyFeed implements Feed {

    private final EventReader reader;
    private final RunId run;
    private final Subject.OfProject subject;
    private final EventFilter filter;
    private final long after;
    private final Set<RunId> family = new HashSet<>();
    private boolean ended;

    FamilyFeed(EventReader reader, RunId run, EventReader.LastEvent last, EventFilter filter, long after) {
        this.reader = reader;
        this.run = run;
        this.subject = new Subject.OfProject(last.project());
        this.filter = filter;
        this.after = after;
        this.ended = RunEvent.ENDS.contains(last.type());
    }

    @Override
    public Subject subject() {
        return subject;
    }

    @Override
    public long start() {
        return after;
    }

    @Override
    public Found history(OpenStream stream, long searched, long head) {
        EventReader.Slice slice = stream.read(() -> {
            // Asked for after the head was, so whoever has events up to there is in it.
            family.addAll(reader.family(subject.project(), run));
            EventFilter ofFamily = new EventFilter(List.of(), List.copyOf(family), null);
            return reader.ofProject(subject.project(), searched, head, ofFamily, SLICE);
        });
        long end = slice.more() ? slice.events().getLast().position() : head;
        return new Found(slice.events(), end, !slice.more());
    }

    @Override
    public Found narrowed(OpenStream stream, Found recent) {
        for (TailEvent event : recent.events()) {
            if (event.event().runId().equals(run)) {
                family.addAll(Families.queuedBy(event.event()));
            }
        }
        List<TailEvent> ofFamily = recent.events().stream()
                .filter(event -> event.event().runId().equals(run)
                        || family.contains(event.event().runId()))
                .toList();
        return new Found(ofFamily, recent.searched(), recent.all());
    }

    @Override
    public boolean takes(TailEvent event) {
        if (event.event().runId().equals(run)) {
            ended = RunEvent.ENDS.contains(event.event().type());
        }
        return filter.wants(event.event());
    }

    @Override
    public long idOf(LedgerEvent event) {
        return event.position();
    }

    @Override
    public boolean isOver() {
        return ended;
    }
}
