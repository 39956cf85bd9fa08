package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.query.projection.RecordedEvent;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;

/**
 * Runs as they were: folds of their events up to a point. The event store knows runs and no projects, so this is the one
 * place where a question reads from it: of another project's run there are no events.
 */
final class RunHistories {

    private final EventStore events;
    private final RunEvents ofMany;

    RunHistories(EventStore events, RunEvents ofMany) {
        this.events = events;
        this.ofMany = ofMany;
    }

    /** The run as it was at this position of the ledger; its version is {@link RunRow#NEW} when it was not there yet. */
    RunRow atPosition(String project, RunId id, long position) {
        return fold(project, id, event -> event.position() <= position);
    }

    /** These runs as they were at this position of the ledger, each as {@link #atPosition(String, RunId, long)} has it. */
    Map<RunId, RunRow> atPosition(String project, Collection<RunId> ids, long position) {
        Map<RunId, RunRow> rows = HashMap.newHashMap(ids.size());
        ids.forEach(id -> rows.put(id, new RunRow(id)));
        DomainEventStream stream = ofMany.upTo(rows.keySet(), position);
        while (stream.hasNext()) {
            RecordedEvent event = RecordedEvent.of(stream.next());
            if (event.project().equals(project)) {
                RunFold.apply(Objects.requireNonNull(rows.get(event.runId())), event);
            }
        }
        return rows;
    }

    /** The run as it was after this event of its own, or after its last one when there are fewer. */
    RunRow atSequence(String project, RunId id, long sequence) {
        return fold(project, id, event -> event.sequence() <= sequence);
    }

    /** The events of a project's run, from this one of its own on. */
    DomainEventStream events(String project, RunId id, long first) {
        DomainEventStream stream = events.readEvents(id.toString(), first);
        boolean isOfProject =
                stream.hasNext() && RecordedEvent.of(stream.peek()).project().equals(project);
        return isOfProject ? stream : DomainEventStream.empty();
    }

    private RunRow fold(String project, RunId id, Predicate<RecordedEvent> isWanted) {
        RunRow row = new RunRow(id);
        DomainEventStream stream = events(project, id, 0);
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
