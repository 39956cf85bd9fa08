package io.runledger.query.run;

import io.runledger.api.FindRun;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.RecordedEvent;
import java.util.List;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.queryhandling.QueryHandler;

/** Answers questions about single runs, as they are after every acknowledged command. */
public final class RunQueries {

    private static final String FIND =
            "select " + RunColumns.names(RunColumns.ALL) + " from " + RunRelation.VIEW + " where id = ?";

    private final ProjectReader reader;
    private final RunLeases leases;
    private final RunHistories histories;

    RunQueries(ProjectReader reader, RunHistories histories) {
        this.reader = reader;
        this.leases = new RunLeases(reader);
        this.histories = histories;
    }

    /**
     * The run: its row in the view with the events on top that the view does not show yet.
     *
     * @throws Problem when the project has no such run
     */
    @QueryHandler
    public RunView handle(FindRun query) {
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
        return existing(histories.atPosition(project, id, moment.position()));
    }

    /**
     * The run as it was after this event of its own.
     *
     * @throws Problem when the project has no such run, or the run no such event
     */
    RunView asOf(String project, RunId id, long sequence) {
        RunRow row = histories.atSequence(project, id, sequence);
        RunView run = existing(row);
        if (row.version < sequence) {
            throw Problem.badRequest(AsOf.PARAMETER, "is yet to come: the run's last event is " + row.version);
        }
        return run;
    }

    private static RunView existing(RunRow row) {
        if (row.version == RunRow.NEW) {
            throw Problem.noSuchRun(row.id.toString());
        }
        return RunPresenter.view(row);
    }

    private RunRow find(String project, RunId id) {
        RunRow stored =
                reader.first(project, FIND, List.of(id.value()), (row, _) -> RunColumns.read(row, RunColumns.ALL));
        RunRow row = stored == null ? new RunRow(id) : stored;
        DomainEventStream later = histories.events(project, id, row.version + 1);
        while (later.hasNext()) {
            RunFold.apply(row, RecordedEvent.of(later.next()));
        }
        if (row.version == RunRow.NEW) {
            throw Problem.noSuchRun(id.toString());
        }
        return row;
    }
}
