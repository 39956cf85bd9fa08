package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.event.EventController;
import io.runledger.query.run.RunController;
import io.runledger.query.run.RunProjection;
import io.runledger.query.run.RunQueries;
import java.time.Clock;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

class QuerySideConfigurationTest {

    @Test
    void a_data_source_an_event_store_and_a_clock_are_all_it_needs() {
        try (var context = new AnnotationConfigApplicationContext()) {
            context.registerBean(DataSource.class, TestDatabase::dataSource);
            context.registerBean(
                    EventStore.class,
                    () -> EmbeddedEventStore.builder()
                            .storageEngine(new InMemoryEventStorageEngine())
                            .build());
            context.registerBean(Clock.class, Clock::systemUTC);
            context.register(QuerySideConfiguration.class);
            context.refresh();
            assertThat(context.getBean(RunController.class)).isNotNull();
            assertThat(context.getBean(EventController.class)).isNotNull();
            assertThat(context.getBean(RunProjection.class)).isNotNull();
            assertThat(context.getBean(RunQueries.class)).isNotNull();
        }
    }
}
