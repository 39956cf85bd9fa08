package io.runledger.server.idempotency;

import io.runledger.command.http.HttpLimits;
import io.runledger.command.idempotency.IdempotencySettings;
import io.runledger.command.idempotency.IdempotentRequests;
import io.runledger.command.store.RunIds;
import io.runledger.server.LedgerSettings;
import io.runledger.server.http.ProblemWriter;
import jakarta.servlet.DispatcherType;
import javax.sql.DataSource;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Puts the Idempotency-Key behind the filters that know the caller, and before everything that has an effect. */
@Configuration(proxyBeanMethods = false)
class IdempotencyConfiguration {

    @Bean
    IdempotentRequests idempotentRequests(DataSource dataSource, RunIds ids, LedgerSettings settings) {
        LedgerSettings.Idempotency idempotency = settings.idempotency();
        return new IdempotentRequests(
                JdbcClient.create(dataSource),
                ids,
                new IdempotencySettings(idempotency.kept(), idempotency.patience()));
    }

    @Bean
    FilterRegistrationBean<IdempotencyFilter> idempotencyFilter(
            IdempotentRequests requests, ProblemWriter problems, JsonMapper mapper, HttpLimits limits) {
        FilterRegistrationBean<IdempotencyFilter> filter =
                new FilterRegistrationBean<>(new IdempotencyFilter(requests, problems, mapper, limits));
        filter.setOrder(SecurityFilterProperties.DEFAULT_FILTER_ORDER + 1);
        filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        filter.addUrlPatterns("/v1/*");
        return filter;
    }
}
