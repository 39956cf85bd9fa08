package io.runledger.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.runledger.query.signal.SignalConnections;
import io.runledger.server.LedgerSettings;
import io.runledger.server.LedgerSettings.Database;
import io.runledger.server.postgres.LocalPostgres;
import java.time.Duration;
import java.util.Properties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Finds or starts PostgreSQL, then opens the pool that all of the ledger uses. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    /** How much longer than a statement may take a connection is silent until it counts as dead. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

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

    @Bean
    SignalConnections signalConnections(DatabaseLogin login) {
        return login.listener()::getConnection;
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
        driver.setProperty(
                "socketTimeout",
                Long.toString(database.statementTimeout().plus(SILENCE).toSeconds()));
        driver.setProperty("tcpKeepAlive", "true");
        driver.setProperty(
                "options", "-c statement_timeout=" + database.statementTimeout().toMillis());
        return new HikariDataSource(pool);
    }
}
