package io.runledger.command.definition;

import io.runledger.command.work.WorkSignal;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together what is known of targets; needs to be told of commits. */
@Configuration(proxyBeanMethods = false)
public class DefinitionConfiguration {

    @Bean
    Definitions definitions(DataSource dataSource, DefinitionLimits limits, DefinitionRule rule, WorkSignal signal) {
        DefinitionStore store = new DefinitionStore(JdbcClient.create(dataSource));
        Definitions definitions = new Definitions(store, limits, rule, Definitions.MEMORY);
        definitions.listenTo(signal);
        return definitions;
    }
}
