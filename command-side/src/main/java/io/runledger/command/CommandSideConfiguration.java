package io.runledger.command;

import io.runledger.command.definition.DefinitionConfiguration;
import io.runledger.command.http.CommandHttpConfiguration;
import io.runledger.command.operation.OperationConfiguration;
import io.runledger.command.run.RunConfiguration;
import io.runledger.command.store.StoreConfiguration;
import io.runledger.command.task.TaskConfiguration;
import io.runledger.command.work.WorkConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Everything that decides and remembers; needs a data source, a clock, a validator, limits, and word of commits.
 */
@Configuration(proxyBeanMethods = false)
@Import({
    StoreConfiguration.class,
    RunConfiguration.class,
    WorkConfiguration.class,
    DefinitionConfiguration.class,
    OperationConfiguration.class,
    TaskConfiguration.class,
    CommandHttpConfiguration.class
})
public class CommandSideConfiguration {}
