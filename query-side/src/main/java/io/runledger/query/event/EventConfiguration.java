package io.runledger.query.event;

import io.runledger.api.Admission;
import io.runledger.api.RecentRecord;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.run.ListedRunsFactory;
import io.runledger.query.run.RunExports;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import io.runledger.query.signal.CommitSignal;
import io.runledger.query.signal.SignalConnections;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Puts together the answers about events. */
@Configuration(proxyBeanMethods = false)
public class EventConfiguration {

    @Bean
    EventHead eventHead(DataSource dataSource, ObjectProvider<RecentRecord> recent) {
        return new EventHead(JdbcClient.create(dataSource), recent.getIfAvailable(() -> RecentRecord.NOTHING));
    }

    @Bean
    EventReader eventReader(ProjectReader projectReader, EventHead head) {
        return new EventReader(projectReader, head);
    }

    @Bean
    EventController eventController(
            EventReader reader, ProjectReader projectReader, RunReferences references, ListedRunsFactory listedRuns) {
        ChainVerifier verifier = new ChainVerifier(reader, projectReader);
        return new EventController(reader, verifier, references, listedRuns);
    }

    @Bean
    CommitSignal commitSignal(SignalConnections connections) {
        return new CommitSignal(connections);
    }

    @Bean
    Tail tail(
            EventHead head,
            CommitSignal signal,
            ObjectProvider<RecentRecord> recent,
            ObjectProvider<StreamSettings> settings) {
        return new Tail(
                head,
                signal,
                recent.getIfAvailable(() -> RecentRecord.NOTHING),
                settings.getIfAvailable(() -> StreamSettings.DEFAULT));
    }

    @Bean
    OpenStreams openStreams(ObjectProvider<StreamSettings> settings, Admission admission) {
        return new OpenStreams(
                settings.getIfAvailable(() -> StreamSettings.DEFAULT).maxOpen(), admission);
    }

    @Bean
    RunEndings runEndings(Tail tail, RunQueries runs, ObjectProvider<StreamSettings> settings) {
        return new RunEndings(
                tail,
                runs,
                settings.getIfAvailable(() -> StreamSettings.DEFAULT).maxWaiting());
    }

    @Bean
    SseStreams sseStreams(OpenStreams open, ObjectProvider<StreamSettings> settings) {
        return new SseStreams(open, settings.getIfAvailable(() -> StreamSettings.DEFAULT));
    }

    @Bean
    EventStreams eventStreams(Tail tail, SseStreams streams, JsonMapper jsonMapper) {
        return new EventStreams(tail, streams, jsonMapper);
    }

    @Bean
    EventStreamController eventStreamController(
            EventReader reader, EventStreams streams, RunReferences references, ListedRunsFactory listedRuns) {
        return new EventStreamController(reader, streams, references, listedRuns);
    }

    @Bean
    ExportController exportController(
            EventReader reader,
            OpenStreams open,
            JsonMapper jsonMapper,
            ListedRunsFactory listedRuns,
            RunExports runs) {
        return new ExportController(new Export(open, jsonMapper), reader, listedRuns, runs);
    }
}
