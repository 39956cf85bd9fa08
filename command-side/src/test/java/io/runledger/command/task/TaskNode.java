package io.runledger.command.task;

import io.runledger.api.CommandContext;
import io.runledger.api.RunCommand;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.command.definition.TestDefinitions;
import io.runledger.command.run.LedgerNode;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.EventSerializer;
import io.runledger.command.store.TaskDirectory;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A node that looks after tasks when a test says so, with a memory of its own. */
final class TaskNode implements AutoCloseable {

    final LedgerNode ledger;
    final TaskDirectory directory;
    final TaskCoordinator coordinator;
    private final JdbcClient jdbc;

    TaskNode(DataSource dataSource, TaskSettings settings) {
        jdbc = JdbcClient.create(dataSource);
        ledger = new LedgerNode(dataSource, Clock.systemUTC());
        directory = new TaskDirectory(jdbc, EventSerializer.create());
        TaskRuns runs = new TaskRuns(directory, TestDefinitions.on(dataSource), settings, Clock.systemUTC());
        coordinator = new TaskCoordinator(
                new TaskTable(jdbc), ledger.commands(), directory, runs, settings, Clock.systemUTC());
    }

    static CommandContext context() {
        return new CommandContext("default", "key:ci", Instant.now(), null, null, null, "req-1");
    }

    Outcome send(RunCommand command) {
        return ledger.send(command);
    }

    /** Does all that is to be done now. */
    void settle() {
        while (coordinator.carryOutBatch()) {
            // What was done may have left more to be done.
        }
    }

    /** What workers could claim now. */
    List<RunId> claimable() {
        return jdbc.sql("select run_id from ledger.work where status = 'queued' order by run_id")
                .query((row, _) -> new RunId(row.getObject(1, UUID.class)))
                .list();
    }

    /** The runs that were made as tasks of this one. */
    List<RunId> children(RunId parent) {
        return jdbc.sql("""
                        select run_id from ledger.event
                        where sequence = 0 and payload::text like '%"parent":{"run_id":"' || ? || '"%' order by position""")
                .param(parent.toString())
                .query((row, _) -> new RunId(row.getObject(1, UUID.class)))
                .list();
    }

    List<RunEvent> events(RunId run) {
        List<RunEvent> events = new ArrayList<>();
        DomainEventStream stream = ledger.events().readEvents(run.toString());
        stream.forEachRemaining(event -> events.add((RunEvent) event.getPayload()));
        return events;
    }

    @Override
    public void close() {
        ledger.close();
    }
}
