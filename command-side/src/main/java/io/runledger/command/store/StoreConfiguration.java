package io.runledger.command.store;

import io.runledger.api.RecordListener;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.upcasting.event.EventUpcaster;
import org.axonframework.serialization.upcasting.event.EventUpcasterChain;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts the event store on PostgreSQL behind Axon's interfaces. */
@Configuration(proxyBeanMethods = false)
public class StoreConfiguration {

    private static final long CACHED_RUNS = 20_000;

    @Bean
    @Qualifier("eventSerializer")
    Serializer eventSerializer() {
        return EventSerializer.create();
    }

    @Bean
    PostgresEventStorageEngine eventStorageEngine(
            DataSource dataSource,
            @Qualifier("eventSerializer") Serializer eventSerializer,
            ObjectProvider<EventUpcaster> upcasters,
            Clock clock,
            ObjectProvider<Neighbours> neighbours,
            ObjectProvider<RecordListener> listeners) {
        List<EventUpcaster> inOrder = upcasters.orderedStream().toList();
        return PostgresEventStorageEngine.create(
                dataSource,
                eventSerializer,
                new EventUpcasterChain(inOrder),
                clock,
                neighbours.getIfAvailable(() -> () -> true),
                listeners.orderedStream().toList());
    }

    @Bean(destroyMethod = "shutDown")
    @Qualifier("eventStore")
    EmbeddedEventStore eventBus(EventStorageEngine storageEngine) {
        return EmbeddedEventStore.builder().storageEngine(storageEngine).build();
    }

    @Bean
    RunCache runCache() {
        return new RunCache(CACHED_RUNS);
    }

    @Bean
    RunDirectory runDirectory(DataSource dataSource) {
        return new RunDirectory(JdbcClient.create(dataSource));
    }

    @Bean
    TaskDirectory taskDirectory(DataSource dataSource, @Qualifier("eventSerializer") Serializer eventSerializer) {
        return new TaskDirectory(JdbcClient.create(dataSource), eventSerializer);
    }

    @Bean
    RunIds runIds(Clock clock) {
        return new RunIds(clock);
    }

    @Bean
    LeaseTokens leaseTokens(DataSource dataSource) {
        byte[] secret = JdbcClient.create(dataSource)
                .sql("select value from ledger.secret where name = 'lease'")
                .query(byte[].class)
                .single();
        return new LeaseTokens(secret);
    }
}
