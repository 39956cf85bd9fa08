package io.runledger.server.access;

import io.runledger.command.definition.DefinitionRule;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.signal.CommitSignal;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together what knows projects and keys. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

    @Bean
    KeyUses keyUses(DataSource dataSource) {
        return new KeyUses(JdbcClient.create(dataSource));
    }

    @Bean
    ApiKeys apiKeys(DataSource dataSource, Clock clock, KeyUses uses, CommitSignal signal) {
        ApiKeys keys = new ApiKeys(JdbcClient.create(dataSource), clock, uses);
        keys.listenTo(signal);
        return keys;
    }

    @Bean
    AuditTrail auditTrail(DataSource dataSource, ProjectReader reader) {
        return new AuditTrail(JdbcClient.create(dataSource), reader);
    }

    @Bean
    Keys keys(DataSource dataSource, ProjectReader reader, ApiKeys opening) {
        return new Keys(JdbcClient.create(dataSource), reader, opening);
    }

    @Bean
    DefinitionRule definitionRule(Projects projects) {
        return projects::requiresDefinitions;
    }

    @Bean
    Projects projects(DataSource dataSource) {
        return new Projects(JdbcClient.create(dataSource));
    }
}
