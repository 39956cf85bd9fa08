package io.runledger.query.run;

import io.runledger.api.FindRun;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.projection.RecordedEvent;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.queryhandling.QueryHandler;

/** Answers questions about single runs, as they are after every acknowledged command. */
public final class RunQueries {

    private final RunTable table;
    private final EventStore events;
    private final RunLeases leases;
    private final RecentRuns recent;
    private final RunHistories histories;

    RunQueries(RunTable table, EventStore events, RunLeases leases, RecentRuns recent) {
        this.table = table;
        this.events = events;
        this.leases = leases;
        this.recent = recent;
        this.histories = new RunHistories(events);
    }

    /**
     * The run: as this node remembers it, if that is late enough for the question; else its row in the view with the
     * events on top that the view does not show yet.
     *
     * @throws Problem when the project has no such run
     */
    @QueryHandler
    public RunView handle(FindRun query) {
        RunView remembered = recent.view(query);
        if (remembered != null) {
            return remembered;
        }
        RunRow row = find(query.project(), query.runId());
        leases.addTo(row);
        return RunPresenter.view(row);
    }

    /**
     * The run as it was at a moment of the ledger.
     *
     * @throws Problem when the project had no such run then
     */
    RunView asOf(String project, RunId id, LedgerMoment moment) {
        return ofProject(project, histories.atPosition(id, moment.position()));
    }

    /**
     * The run as it was after this event of its own.
     *
     * @throws Problem when the project has no such run, or the run no such event
     */
    RunView asOf(String project, RunId id, long sequence) {
        RunRow row = histories.atSequence(id, sequence);
        RunView run = ofProject(project, row);
        if (row.version < sequence) {
            throw Problem.badRequest(AsOf.PARAMETER, "is yet to come: the run's last event is " + row.version);
        }
        return run;
    }

    private static RunView ofProject(String project, RunRow row) {
        if (row.version == RunRow.NEW || !row.project.equals(project)) {
            throw Problem.noSuchRun(row.id.toString());
        }
        return RunPresenter.view(row);
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
