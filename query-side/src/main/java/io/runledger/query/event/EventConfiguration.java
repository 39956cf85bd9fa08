package io.runledger.query.event;

import io.runledger.query.run.RunReferences;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together the answers about events. */
@Configuration(proxyBeanMethods = false)
public class EventConfiguration {

    @Bean
    EventController eventController(DataSource dataSource, RunReferences references) {
        JdbcClient jdbc = JdbcClient.create(dataSource);
        EventReader reader = new EventReader(jdbc);
        return new EventController(new EventQueries(reader), new ChainVerifier(reader, jdbc), references);
    }
}
