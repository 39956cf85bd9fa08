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
    Definitions definitions(DataSource dataSource, DefinitionLimits limits, WorkSignal signal) {
        Definitions definitions = new Definitions(new DefinitionStore(JdbcClient.create(dataSource)), limits);
        definitions.listenTo(signal);
        return definitions;
    }
}
