package io.runledger.query.log;

import io.runledger.query.event.RunEndings;
import io.runledger.query.event.SseStreams;
import io.runledger.query.http.Cursors;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import io.runledger.query.signal.CommitSignal;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Puts together the answers about logs. */
@Configuration(proxyBeanMethods = false)
public class LogConfiguration {

    @Bean
    LogController logViewController(
            ProjectReader projectReader,
            CommitSignal signal,
            RunReferences references,
            RunQueries queries,
            RunEndings endings,
            SseStreams streams,
            Cursors cursors,
            JsonMapper mapper) {
        return new LogController(
                new LogReader(projectReader),
                new LogFollowers(signal),
                new LogController.Runs(references, queries, endings),
                streams,
                new LogController.Printing(cursors, mapper));
    }
}
