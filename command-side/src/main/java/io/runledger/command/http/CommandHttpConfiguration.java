package io.runledger.command.http;

import io.runledger.api.Admission;
import io.runledger.api.RememberedRuns;
import io.runledger.command.definition.Definitions;
import io.runledger.command.http.CommandLines.Tools;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.log.RunLogs;
import io.runledger.command.operation.OperationPlan;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.store.RunDirectory;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.task.TaskSettings;
import jakarta.validation.Validator;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.queryhandling.QueryGateway;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Puts the commands on HTTP. */
@Configuration(proxyBeanMethods = false)
@Import({
    ActionController.class,
    RunCommandController.class,
    CommandStreamController.class,
    LogController.class,
    DefinitionController.class,
    WorkController.class,
    ItemController.class,
    TaskController.class,
    OperationController.class
})
public class CommandHttpConfiguration {

    @Bean
    JsonBodies jsonBodies(Validator validator, HttpLimits limits) {
        return new JsonBodies(validator, limits.maxJsonDepth(), limits.largeBodies());
    }

    @Bean
    RunCommandFactory runCommandFactory(
            Clock clock,
            LeaseTokens leaseTokens,
            Definitions definitions,
            RunDirectory directory,
            TaskPlans taskPlans) {
        return new RunCommandFactory(clock, leaseTokens, definitions, directory, taskPlans);
    }

    @Bean
    TaskPlans taskPlans(JsonBodies bodies, TaskSettings settings, TaskDirectory directory) {
        return new TaskPlans(bodies, settings, directory);
    }

    @Bean
    RunReferences referencesOfCommands(RunDirectory directory) {
        return new RunReferences(directory);
    }

    @Bean
    RunAnswers runAnswers(
            RememberedRuns remembered, QueryGateway queries, LeaseTokens leaseTokens, RunIds ids, JsonBodies bodies) {
        return new RunAnswers(remembered, queries, leaseTokens, ids, bodies);
    }

    @Bean
    RunLogs runLogs(DataSource dataSource, RunDirectory directory, HttpLimits limits) {
        return new RunLogs(JdbcClient.create(dataSource), directory, limits.logLines());
    }

    @Bean
    WorkRequests workRequests(
            RunCommandFactory factory,
            RunReferences references,
            RunAnswers answers,
            LeaseTokens leaseTokens,
            Admission admission) {
        return new WorkRequests(factory, references, answers, leaseTokens, admission);
    }

    @Bean
    LiveRuns liveRuns(RunCommands commands, RunCommandFactory factory, RunAnswers answers, HttpLimits limits) {
        return new LiveRuns(commands, factory, answers, limits.waitSeconds());
    }

    @Bean
    OperationPlan operationPlan(RunCommands commands, RunCommandFactory factory, RunAnswers answers) {
        return new OperationCommands(commands, factory, answers);
    }

    @Bean
    CommandStreams commandStreams(CommandLines lines, HttpLimits limits, JsonMapper mapper, Admission admission) {
        return new CommandStreams(lines, limits, mapper, admission);
    }

    @Bean
    CommandLines commandLines(RunCommands commands, RunCommandFactory factory, RunDirectory directory, Tools tools) {
        return new CommandLines(commands, factory, directory, tools);
    }

    @Bean
    Tools commandLineTools(JsonBodies bodies, RunIds ids, LeaseTokens leaseTokens) {
        return new Tools(bodies, ids, leaseTokens);
    }

    @Bean
    WebMvcConfigurer commandBodies(JsonBodies bodies, HttpLimits limits) {
        return new WebMvcConfigurer() {
            @Override
            public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
                builder.addCustomConverter(
                        new JsonBodyConverter(bodies, new BatchBodies(bodies, limits), limits.maxBodyBytes()));
            }

            @Override
            public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
                resolvers.add(new OriginResolver());
            }
        };
    }
}
