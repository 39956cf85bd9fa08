package io.runledger.command.operation;

import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together what carries out bulk operations; needs to be told how one is carried out. */
@Configuration(proxyBeanMethods = false)
public class OperationConfiguration {

    @Bean
    Operations operations(DataSource dataSource, OperationSettings settings) {
        return new Operations(JdbcClient.create(dataSource), settings.mostUnderWay());
    }

    @Bean
    OperationDispatcher operationDispatcher(Operations operations, OperationPlan plan, OperationSettings settings) {
        return new OperationDispatcher(operations, plan, settings);
    }
}
