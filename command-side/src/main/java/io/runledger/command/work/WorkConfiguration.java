package io.runledger.command.work;

import io.runledger.command.run.RunCommands;
import io.runledger.command.store.BatchInputs;
import io.runledger.command.store.EndedRuns;
import io.runledger.command.store.RunDirectory;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together what hands out work and keeps its times; needs to be told of commits. */
@Configuration(proxyBeanMethods = false)
public class WorkConfiguration {

    @Bean
    WorkStatements workStatements(DataSource dataSource) {
        return new WorkStatements(dataSource);
    }

    @Bean
    ClaimDesk claimDesk(WorkStatements statements, RunCommands commands, WorkSettings settings, WorkSignal signal) {
        ClaimDesk desk = new ClaimDesk(new Reservations(statements), commands, settings.waitingClaims());
        desk.listenTo(signal);
        return desk;
    }

    @Bean
    Gate workGate(WorkStatements statements, DataSource dataSource, RunDirectory directory) {
        return new Gate(statements, new EndedRuns(JdbcClient.create(dataSource)), directory);
    }

    @Bean
    Timekeeper timekeeper(
            WorkStatements statements,
            Gate gate,
            RunCommands commands,
            Clock clock,
            WorkSettings settings,
            WorkSignal signal) {
        Timekeeper timekeeper = new Timekeeper(new DueRuns(statements), gate, commands, clock, settings.tick());
        timekeeper.listenTo(signal);
        return timekeeper;
    }

    @Bean
    Leases leases(WorkStatements statements, RunDirectory directory) {
        return new Leases(statements, directory);
    }

    @Bean
    ItemDesk itemDesk(WorkStatements statements, DataSource dataSource, RunCommands commands) {
        return new ItemDesk(statements, new BatchInputs(JdbcClient.create(dataSource)), commands);
    }

    @Bean
    Queues queues(WorkStatements statements) {
        return new Queues(statements);
    }
}
