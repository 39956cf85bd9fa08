package io.runledger.command.task;

import io.runledger.command.definition.Definitions;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.work.WorkSignal;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together what looks after tasks; needs to be told of commits. */
@Configuration(proxyBeanMethods = false)
public class TaskConfiguration {

    @Bean
    TaskRuns taskRuns(TaskDirectory directory, Definitions definitions, TaskSettings settings, Clock clock) {
        return new TaskRuns(directory, definitions, settings, clock);
    }

    @Bean
    TaskCoordinator taskCoordinator(
            DataSource dataSource,
            RunCommands commands,
            TaskDirectory directory,
            TaskRuns runs,
            TaskSettings settings,
            Clock clock,
            WorkSignal signal) {
        TaskTable table = new TaskTable(JdbcClient.create(dataSource));
        TaskCoordinator coordinator = new TaskCoordinator(table, commands, directory, runs, settings, clock);
        coordinator.listenTo(signal);
        return coordinator;
    }
}
