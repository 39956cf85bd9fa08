package io.runledger.query.run;

import io.runledger.api.RecentRecord;
import io.runledger.api.RunId;
import io.runledger.query.TestDatabase;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.EventTail;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.RecordedEvent;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import io.runledger.query.signal.CommitSignal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.Configuration;
import org.axonframework.config.Configurer;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.Serializer;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** The real processor and projection on a real database, behind an event store in memory. */
final class RunViewProcessor implements AutoCloseable {

    private final DataSource dataSource;
    private final ProjectionConfiguration beans = new ProjectionConfiguration();
    final InMemoryEventStorageEngine engine = new RunsInMemory();
    private final Configuration configuration;

    final ViewStore view;
    final ViewPosition position;
    final RunQueries queries;

    /** Finds the events of a run without looking at those of all others, as a database does. */
    private static final class RunsInMemory extends InMemoryEventStorageEngine {

        private final Map<String, List<DomainEventMessage<?>>> runs = new ConcurrentHashMap<>();

        private RunsInMemory() {
            super(1);
        }

        @Override
        public void appendEvents(List<? extends EventMessage<?>> events) {
            for (EventMessage<?> event : events) {
                // Of several at once the later ones may be seen first, and a reader would pass by the others.
                super.appendEvents(List.of(event));
                DomainEventMessage<?> ofRun = (DomainEventMessage<?>) event;
                runs.computeIfAbsent(ofRun.getAggregateIdentifier(), _ -> new CopyOnWriteArrayList<>())
                        .add(ofRun);
            }
        }

        @Override
        public DomainEventStream readEvents(String run, long firstSequence) {
            return DomainEventStream.of(runs.getOrDefault(run, List.of()).stream()
                    .filter(event -> event.getSequenceNumber() >= firstSequence));
        }
    }

    RunViewProcessor() {
        this(RunFold::apply, 1);
    }

    /** With another fold, or another version of the view, as other code would have. */
    RunViewProcessor(RunRows.Fold fold, int schemaVersion) {
        this(
                TestDatabase.dataSource(),
                TestDatabase.reader(),
                new RunGenerations(TestDatabase.dataSource(), fold, schemaVersion));
    }

    /** On a database of its own. */
    RunViewProcessor(DataSource dataSource, ProjectReader reader, RunGenerations generations) {
        this.dataSource = dataSource;
        view = new ViewStore(generations, dataSource, reader);
        Serializer serializer = beans.serializer();
        TokenStore tokens = beans.tokenStore(dataSource, serializer);
        position = beans.runViewPosition(dataSource, serializer);
        Configurer configurer = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(_ -> engine)
                .configureSerializer(_ -> serializer)
                .registerComponent(TokenStore.class, _ -> tokens)
                .configureTransactionManager(_ -> springTransactions());
        beans.projections(new EventTail(
                        place -> engine.readEvents(place, false),
                        new CommitSignal(dataSource::getConnection),
                        RecentRecord.NOTHING,
                        () -> false))
                .configureModule(configurer);
        configurer.eventProcessing().registerEventHandler(_ -> new RunProjection(view, position));
        configuration = configurer.buildConfiguration();
        queries = new RunQueries(reader, histories());
    }

    /** Runs as they were, from the store in memory, which is asked for one after the other. */
    RunHistories histories() {
        return new RunHistories(
                store(),
                (runs, position) -> DomainEventStream.of(runs.stream()
                        .flatMap(run -> engine.readEvents(run.toString(), 0).asStream())
                        .filter(event -> RecordedEvent.of(event).position() <= position)));
    }

    RunViewProcessor start() {
        configuration.start();
        return this;
    }

    /** The row of a run, whatever it is worth; null when there is none. */
    static RunRow row(RunId id) {
        return TestDatabase.jdbc()
                .sql("select " + RunColumns.names(RunColumns.ALL) + " from view.run where id = ?")
                .param(id.value())
                .query((row, _) -> RunColumns.read(row, RunColumns.ALL))
                .optional()
                .orElse(null);
    }

    EventStore store() {
        return configuration.eventStore();
    }

    StreamingEventProcessor processor() {
        Optional<StreamingEventProcessor> processor =
                configuration.eventProcessingConfiguration().eventProcessor("run", StreamingEventProcessor.class);
        return processor.orElseThrow();
    }

    /** Appends the events in this order; positions count from 1. */
    long append(List<RecordedEvent> events) {
        List<EventMessage<?>> messages = new ArrayList<>();
        for (RecordedEvent event : events) {
            messages.add(message(event));
        }
        store().publish(messages);
        return ((org.axonframework.eventhandling.GlobalSequenceTrackingToken) engine.createHeadToken())
                .getGlobalIndex();
    }

    void awaitPosition(long wanted) {
        position.await(wanted, Duration.ofSeconds(30));
    }

    static GenericDomainEventMessage<?> message(RecordedEvent event) {
        Supplier<Instant> recordedAt = event::recordedAt;
        MetaData header = MetaData.from(Map.of(
                "project", event.project(),
                "actor", event.actor(),
                "occurred_at", event.occurredAt(),
                "position", event.position()));
        var message = new org.axonframework.messaging.GenericMessage<Object>(event.event(), header);
        return new GenericDomainEventMessage<>("Run", event.runId().toString(), event.sequence(), message, recordedAt);
    }

    @Override
    public void close() {
        configuration.shutdown();
    }

    private TransactionManager springTransactions() {
        JdbcTransactionManager spring = new JdbcTransactionManager(dataSource);
        TransactionDefinition definition = new DefaultTransactionDefinition();
        return () -> {
            TransactionStatus status = spring.getTransaction(definition);
            return new org.axonframework.common.transaction.Transaction() {
                @Override
                public void commit() {
                    spring.commit(status);
                }

                @Override
                public void rollback() {
                    if (!status.isCompleted()) {
                        spring.rollback(status);
                    }
                }
            };
        };
    }
}
