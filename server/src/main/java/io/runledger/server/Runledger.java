package io.runledger.server;

import io.runledger.command.CommandSideConfiguration;
import io.runledger.command.definition.DefinitionLimits;
import io.runledger.command.operation.OperationSettings;
import io.runledger.command.store.Neighbours;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.command.task.TaskSettings;
import io.runledger.command.work.WorkSettings;
import io.runledger.command.work.WorkSignal;
import io.runledger.query.QuerySideConfiguration;
import io.runledger.query.signal.CommitSignal;
import io.runledger.server.database.DatabaseClock;
import io.runledger.server.proof.VerifyCommand;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.queryhandling.QueryBus;
import org.axonframework.queryhandling.SimpleQueryBus;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.PlatformTransactionManager;

/** The one executable: both sides of the ledger, behind HTTP, on its own PostgreSQL or on yours. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
@Import({CommandSideConfiguration.class, QuerySideConfiguration.class})
public class Runledger {

    /** Starts the ledger; settings come from the environment, see the README. With verify it checks a record instead. */
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(VerifyCommand.NAME)) {
            // What libraries have to say is no part of the answer.
            LoggingSystem.get(Runledger.class.getClassLoader()).beforeInitialize();
            System.exit(VerifyCommand.run(List.of(args).subList(1, args.length), System.getenv(), System.out));
        }
        // Axon prints an advertisement at start-up unless it is told not to.
        System.setProperty("disable-axoniq-console-message", "true");
        SpringApplication.run(Runledger.class, args);
    }

    /** The one source of time; nothing asks the machine for it. */
    @Bean(destroyMethod = "close")
    Clock clock(DataSource dataSource) {
        return DatabaseClock.on(dataSource);
    }

    @Bean
    WorkSettings workSettings(LedgerSettings settings) {
        return new WorkSettings(settings.work().tick(), settings.work().waitingClaims());
    }

    @Bean
    DefinitionLimits definitionLimits(LedgerSettings settings) {
        LedgerSettings.Definitions limits = settings.definitions();
        return new DefinitionLimits(
                limits.perProject(),
                limits.schemaBytes(),
                limits.patternSize(),
                limits.schemaSteps(),
                limits.schemaDepth(),
                limits.batchTime(),
                limits.cacheBytes());
    }

    @Bean
    OperationSettings operationSettings(LedgerSettings settings) {
        LedgerSettings.Operations operations = settings.operations();
        return new OperationSettings(
                operations.runs(), operations.underWay(), operations.page(), operations.parallel());
    }

    @Bean
    TaskSettings taskSettings(LedgerSettings settings) {
        LedgerSettings.Tasks tasks = settings.tasks();
        return new TaskSettings(
                tasks.perRun(),
                tasks.conditionChars(),
                tasks.conditionSteps(),
                tasks.inputChars(),
                tasks.outputBytes(),
                tasks.parallel(),
                tasks.pause());
    }

    @Bean
    WorkSignal workSignal(CommitSignal others, PostgresEventStorageEngine own) {
        return (channel, listener) -> {
            others.on(channel, listener);
            own.on(channel, listener);
        };
    }

    @Bean
    Neighbours neighbours(CommitSignal signal) {
        return signal::mayOthersListen;
    }

    /**
     * A view and how far it has got are written in one transaction. Axon's own configuration of this looks for classes
     * that Spring Boot 4 has moved, finds none, and would go on without transactions.
     */
    @Bean
    TransactionManager viewTransactions(PlatformTransactionManager transactions) {
        return new SpringTransactionManager(transactions);
    }

    /** Without transactions: a query that needs one snapshot takes it itself, the others save two round trips. */
    @Bean
    QueryBus queryBus() {
        return SimpleQueryBus.builder().build();
    }
}
