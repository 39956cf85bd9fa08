package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.query.projection.RecordedEvent;
import java.util.function.Predicate;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;

/** Runs as they were: folds of their events up to a point. */
final class RunHistories {

    private final EventStore events;

    RunHistories(EventStore events) {
        this.events = events;
    }

    /** The run as it was at this position of the ledger; its version is {@link RunRow#NEW} when it was not there yet. */
    RunRow atPosition(RunId id, long position) {
        return fold(id, event -> event.position() <= position);
    }

    /** The run as it was after this event of its own, or after its last one when there are fewer. */
    RunRow atSequence(RunId id, long sequence) {
        return fold(id, event -> event.sequence() <= sequence);
    }

    /** The events of a run, from the first on. */
    DomainEventStream events(RunId id) {
        return events.readEvents(id.toString(), 0);
    }

    private RunRow fold(RunId id, Predicate<RecordedEvent> isWanted) {
        RunRow row = new RunRow(id);
        DomainEventStream stream = events(id);
        while (stream.hasNext()) {
            RecordedEvent event = RecordedEvent.of(stream.next());
            if (!isWanted.test(event)) {
                break;
            }
            RunFold.apply(row, event);
        }
        return row;
    }
}
