package io.runledger.query.run;

import io.runledger.api.FindRun;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.projection.RecordedEvent;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.queryhandling.QueryHandler;

/** Answers questions about single runs, always as they are after every acknowledged command. */
public final class RunQueries {

    private final RunTable table;
    private final EventStore events;

    RunQueries(RunTable table, EventStore events) {
        this.table = table;
        this.events = events;
    }

    /**
     * The run: its row in the view with the events on top that the view does not show yet.
     *
     * @throws Problem when the project has no such run
     */
    @QueryHandler
    public RunView handle(FindRun query) {
        return RunPresenter.view(find(query.project(), query.runId()));
    }

    private RunRow find(String project, RunId id) {
        RunRow stored = table.find(id);
        RunRow row = stored == null ? new RunRow(id) : stored;
        if (stored != null && !stored.project.equals(project)) {
            throw Problem.noSuchRun(id.toString());
        }
        DomainEventStream later = events.readEvents(id.toString(), row.version + 1);
        while (later.hasNext()) {
            RunFold.apply(row, RecordedEvent.of(later.next()));
        }
        if (!row.project.equals(project)) {
            throw Problem.noSuchRun(id.toString());
        }
        return row;
    }
}
