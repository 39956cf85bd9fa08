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

    /** Events that Axon keeps in memory for processors that are at the head; each may be a megabyte. */
    private static final int CACHED_EVENTS = 100;

    /** How often to look for events that another node wrote, in milliseconds; those of this node wake up at once. */
    private static final long FETCH_DELAY = 100;

    /** A processor that lags keeps all events in memory that came since it read its last one, for so many milliseconds. */
    private static final long LAGGING = 200;

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
            ObjectProvider<RecordListener> listeners) {
        List<EventUpcaster> inOrder = upcasters.orderedStream().toList();
        return PostgresEventStorageEngine.create(
                dataSource,
                eventSerializer,
                new EventUpcasterChain(inOrder),
                clock,
                listeners.orderedStream().toList());
    }

    @Bean(destroyMethod = "shutDown")
    @Qualifier("eventStore")
    EmbeddedEventStore eventBus(EventStorageEngine storageEngine) {
        return EmbeddedEventStore.builder()
                .storageEngine(storageEngine)
                .cachedEvents(CACHED_EVENTS)
                .cleanupDelay(LAGGING)
                .fetchDelay(FETCH_DELAY)
                .build();
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
