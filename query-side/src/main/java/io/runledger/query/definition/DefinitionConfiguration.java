package io.runledger.query.definition;

import io.runledger.query.http.Cursors;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together the answers about definitions. Its beans' names differ from those of the command side. */
@Configuration(value = "definitionViewConfiguration", proxyBeanMethods = false)
public class DefinitionConfiguration {

    @Bean
    DefinitionQueries definitionQueries(DataSource dataSource) {
        return new DefinitionQueries(JdbcClient.create(dataSource));
    }

    @Bean
    DefinitionController definitionViewController(DefinitionQueries queries, Cursors cursors) {
        return new DefinitionController(queries, cursors);
    }
}
