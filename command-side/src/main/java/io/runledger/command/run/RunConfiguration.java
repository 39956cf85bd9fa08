package io.runledger.command.run;

import io.runledger.api.RunCommand;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.command.store.RunCache;
import io.runledger.command.store.RunDirectory;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.modelling.command.CommandTargetResolver;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Puts the run aggregate on Axon's command bus. */
@Configuration(proxyBeanMethods = false)
@Import(Run.class)
public class RunConfiguration {

    /** Which run a command is for; lets the commands stay free of Axon's annotations. */
    @Bean
    CommandTargetResolver runOfCommand() {
        return message -> new VersionedAggregateIdentifier(((RunCommand) message.getPayload()).runId(), null);
    }

    /** Without transactions: an append is a transaction of its own, so a waiting command holds no connection (ADR 2). */
    @Bean
    CommandBus commandBus() {
        return SimpleCommandBus.builder().build();
    }

    @Bean
    RunCommands runCommands(
            CommandGateway gateway, RunDirectory directory, RunCache runCache, PostgresEventStorageEngine engine) {
        return new RunCommands(gateway, directory, runCache, engine);
    }
}
