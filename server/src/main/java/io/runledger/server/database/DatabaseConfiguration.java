package io.runledger.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.runledger.server.LedgerSettings;
import io.runledger.server.LedgerSettings.Database;
import io.runledger.server.postgres.LocalPostgres;
import java.util.Properties;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** Finds or starts PostgreSQL, then opens the pool that all of the ledger uses. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    /** Longer than the longest statement: a dead network must not hold a connection for ever. */
    private static final int SOCKET_TIMEOUT_SECONDS = 30;

    @Bean(destroyMethod = "close")
    @ConditionalOnExpression("'${runledger.database.url:}' == ''")
    LocalPostgres localPostgres(LedgerSettings settings) {
        return LocalPostgres.start(settings.dataDir());
    }

    @Bean
    DatabaseLogin databaseLogin(LedgerSettings settings, ObjectProvider<LocalPostgres> local) {
        LocalPostgres own = local.getIfAvailable();
        return own == null
                ? DatabaseLogin.external(settings.database())
                : new DatabaseLogin(own.jdbcUrl(), own.user(), own.password());
    }

    @Bean(destroyMethod = "close")
    HikariDataSource dataSource(DatabaseLogin login, LedgerSettings settings) {
        Database database = settings.database();
        boolean hasRole = DatabasePreparation.prepare(login, database.startTimeout());
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("ledger");
        pool.setJdbcUrl(login.url());
        pool.setUsername(login.user());
        pool.setPassword(login.password());
        pool.setMaximumPoolSize(database.connections());
        pool.setConnectionTimeout(database.connectionTimeout().toMillis());
        if (hasRole) {
            pool.setConnectionInitSql("set role " + DatabasePreparation.APPLICATION_ROLE);
        }
        Properties driver = pool.getDataSourceProperties();
        driver.setProperty("ApplicationName", "runledger");
        driver.setProperty("connectTimeout", "5");
        driver.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        driver.setProperty("tcpKeepAlive", "true");
        driver.setProperty(
                "options", "-c statement_timeout=" + database.statementTimeout().toMillis());
        return new HikariDataSource(pool);
    }

    /**
     * A view's rows and its position must be committed together. Axon 4.13.0 would make this bean itself, but looks for
     * Spring's transaction manager under the name that its configuration had before Spring Boot 4, and finds none.
     */
    @Bean
    TransactionManager axonTransactions(PlatformTransactionManager transactions) {
        return new SpringTransactionManager(transactions);
    }
}
