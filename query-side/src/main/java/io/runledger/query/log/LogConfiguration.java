package io.runledger.query.log;

import io.runledger.query.event.RunEndings;
import io.runledger.query.event.SseStreams;
import io.runledger.query.http.Cursors;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import io.runledger.query.signal.CommitSignal;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Puts together the answers about logs. */
@Configuration(proxyBeanMethods = false)
public class LogConfiguration {

    @Bean
    LogFollowers logFollowers(CommitSignal signal) {
        return new LogFollowers(signal);
    }

    @Bean
    LogController logViewController(
            DataSource dataSource,
            LogFollowers followers,
            LogController.Runs runs,
            SseStreams streams,
            LogController.Printing printing) {
        LogReader reader = new LogReader(JdbcClient.create(dataSource));
        return new LogController(reader, followers, runs, streams, printing);
    }

    @Bean
    LogController.Runs runsOfLogs(RunReferences references, RunQueries queries, RunEndings endings) {
        return new LogController.Runs(references, queries, endings);
    }

    @Bean
    LogController.Printing printingOfLogs(Cursors cursors, JsonMapper mapper) {
        return new LogController.Printing(cursors, mapper);
    }
}
