package io.runledger.command.run;

import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.command.store.EventSerializer;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.command.store.RunCache;
import io.runledger.command.store.RunDirectory;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.gateway.DefaultCommandGateway;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.serialization.upcasting.event.NoOpEventUpcaster;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A command side of its own on a shared database, with its own memory: what one process of a cluster is. */
public final class LedgerNode implements AutoCloseable {

    private final PostgresEventStorageEngine engine;
    private final EmbeddedEventStore events;
    private final RunCommands commands;
    private final RunCache cache = new RunCache(1_000);

    LedgerNode(DataSource dataSource) {
        this(dataSource, Clock.systemUTC());
    }

    public LedgerNode(DataSource dataSource, Clock clock) {
        RunConfiguration configuration = new RunConfiguration();
        engine = PostgresEventStorageEngine.create(
                dataSource, EventSerializer.create(), NoOpEventUpcaster.INSTANCE, clock, () -> true, List.of());
        events = EmbeddedEventStore.builder().storageEngine(engine).build();
        EventSourcingRepository<Run> repository = EventSourcingRepository.builder(Run.class)
                .eventStore(events)
                .cache(cache)
                .build();
        CommandBus bus = configuration.commandBus();
        AggregateAnnotationCommandHandler.<Run>builder()
                .aggregateType(Run.class)
                .repository(repository)
                .commandTargetResolver(configuration.runOfCommand())
                .build()
                .subscribe(bus);
        RunDirectory directory = new RunDirectory(JdbcClient.create(dataSource));
        commands =
                new RunCommands(DefaultCommandGateway.builder().commandBus(bus).build(), directory, cache, engine);
    }

    public Outcome send(RunCommand command) {
        return commands.send(command);
    }

    boolean remembers(RunId run) {
        return cache.containsKey(run.toString());
    }

    /** Gives back the connection that the node's writer holds. */
    @Override
    public void close() {
        engine.close();
    }

    /** The events as the node's aggregates read them. */
    public EmbeddedEventStore events() {
        return events;
    }

    public RunCommands commands() {
        return commands;
    }
}
