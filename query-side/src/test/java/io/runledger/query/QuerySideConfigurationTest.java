package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Admission;
import io.runledger.query.event.EventController;
import io.runledger.query.event.EventStreamController;
import io.runledger.query.event.ExportController;
import io.runledger.query.projection.NextEvents;
import io.runledger.query.run.RunController;
import io.runledger.query.run.RunEvents;
import io.runledger.query.run.RunProjection;
import io.runledger.query.run.RunQueries;
import io.runledger.query.signal.SignalConnections;
import java.time.Clock;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import tools.jackson.databind.json.JsonMapper;

class QuerySideConfigurationTest {

    @Test
    void a_database_events_a_json_mapper_and_a_clock_are_all_it_needs() {
        try (var context = new AnnotationConfigApplicationContext()) {
            // The pool itself would be closed with this context.
            context.registerBean(DataSource.class, () -> new DelegatingDataSource(TestDatabase.dataSource()));
            EventStorageEngine engine = new InMemoryEventStorageEngine();
            context.registerBean(EventStorageEngine.class, () -> engine);
            context.registerBean(
                    EventStore.class,
                    () -> EmbeddedEventStore.builder().storageEngine(engine).build());
            context.registerBean(RunEvents.class, () -> (_, _) -> DomainEventStream.empty());
            context.registerBean(NextEvents.class, () -> place -> engine.readEvents(place, false));
            context.registerBean(SignalConnections.class, () -> TestDatabase::newConnection);
            context.registerBean(JsonMapper.class, () -> JsonMapper.builder().build());
            context.registerBean(Clock.class, Clock::systemUTC);
            context.registerBean(Admission.class, () -> _ -> true);
            context.register(QuerySideConfiguration.class);
            context.refresh();
            assertThat(context.getBean(RunController.class)).isNotNull();
            assertThat(context.getBean(EventController.class)).isNotNull();
            assertThat(context.getBean(EventStreamController.class)).isNotNull();
            assertThat(context.getBean(ExportController.class)).isNotNull();
            assertThat(context.getBean(RunProjection.class)).isNotNull();
            assertThat(context.getBean(RunQueries.class)).isNotNull();
        }
    }
}
