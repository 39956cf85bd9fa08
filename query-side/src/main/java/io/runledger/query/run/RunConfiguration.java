package io.runledger.query.run;

import io.runledger.query.http.Cursors;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together the view of runs. Its beans' names differ from those of the command side, which has runs too. */
@Configuration(value = "runViewConfiguration", proxyBeanMethods = false)
public class RunConfiguration {

    @Bean
    RunTable runTable(DataSource dataSource) {
        return new RunTable(JdbcClient.create(dataSource));
    }

    @Bean
    ViewStore runViewStore(DataSource dataSource) {
        return new ViewStore(new RunGenerations(JdbcClient.create(dataSource)), dataSource);
    }

    @Bean
    RunProjection runProjection(ViewStore runViewStore, ViewPosition position) {
        return new RunProjection(runViewStore, position);
    }

    @Bean
    RunQueries runQueries(RunTable table, EventStore events) {
        return new RunQueries(table, events);
    }

    @Bean
    RunReferences runReferences(DataSource dataSource) {
        return new RunReferences(JdbcClient.create(dataSource));
    }

    @Bean
    Cursors cursors(DataSource dataSource) {
        byte[] secret = JdbcClient.create(dataSource)
                .sql("select value from ledger.secret where name = 'cursor'")
                .query(byte[].class)
                .single();
        return new Cursors(secret);
    }

    @Bean
    RunController runViewController(
            DataSource dataSource,
            RunQueries queries,
            RunReferences references,
            Cursors cursors,
            ViewPosition position) {
        RunList list = new RunList(JdbcClient.create(dataSource), cursors);
        return new RunController(queries, references, list, cursors, position);
    }
}
