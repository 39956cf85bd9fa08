package io.runledger.query.run;

import io.runledger.query.http.Cursors;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.Auditor;
import io.runledger.query.projection.ProjectionController;
import io.runledger.query.projection.ProjectionMonitor;
import io.runledger.query.projection.Rebuilder;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together the view of runs. Its beans' names differ from those of the command side, which has runs too. */
@Configuration(value = "runViewConfiguration", proxyBeanMethods = false)
public class RunConfiguration {

    @Bean
    ProjectReader projectReader(DataSource dataSource) {
        return new ProjectReader(dataSource);
    }

    @Bean
    ViewStore runViewStore(DataSource dataSource, ProjectReader reader) {
        return new ViewStore(new RunGenerations(dataSource), dataSource, reader);
    }

    @Bean(initMethod = "start", destroyMethod = "stop")
    Rebuilder runRebuilder(ViewStore runViewStore, EventStorageEngine events, ViewPosition position) {
        return new Rebuilder(runViewStore, events, position);
    }

    @Bean(initMethod = "start", destroyMethod = "stop")
    Auditor runAuditor(
            ViewStore runViewStore,
            @Value("${runledger.audit.interval-seconds:60}") long interval,
            @Value("${runledger.audit.age-seconds:120}") long age) {
        return new Auditor(runViewStore, Duration.ofSeconds(interval), Duration.ofSeconds(age));
    }

    @Bean
    ProjectionMonitor runMonitor(ViewStore runViewStore, ViewPosition position, Auditor runAuditor) {
        return new ProjectionMonitor(runViewStore, position, runAuditor);
    }

    @Bean
    ProjectionController projectionController(
            ProjectionMonitor runMonitor, ViewStore runViewStore, Rebuilder runRebuilder, EventStore events) {
        return ProjectionController.of(runMonitor, runViewStore, runRebuilder, events);
    }

    @Bean
    RunProjection runProjection(ViewStore runViewStore, ViewPosition position) {
        return new RunProjection(runViewStore, position);
    }

    @Bean
    RecentRuns recentRuns() {
        return new RecentRuns(RecentRuns.MOST_CHARACTERS);
    }

    @Bean
    RunHistories runHistories(EventStore events, RunEvents ofMany) {
        return new RunHistories(events, ofMany);
    }

    @Bean
    RunQueries runQueries(ProjectReader reader, RunHistories histories) {
        return new RunQueries(reader, histories);
    }

    @Bean
    RunReferences runReferences(ProjectReader reader) {
        return new RunReferences(reader);
    }

    @Bean
    Cursors cursors(DataSource dataSource) {
        byte[] secret = JdbcClient.create(dataSource)
                .sql("select value from ledger.secret where name = 'cursor'")
                .query(byte[].class)
                .single();
        return new Cursors(secret);
    }

    @Bean
    RunList runList(ProjectReader reader, Cursors cursors, RunPast past) {
        return new RunList(reader, cursors, past);
    }

    @Bean
    RunExports runExports(ProjectReader reader, RunList list, RunPast past, RunMoments moments) {
        return new RunExports(new RunSlices(reader, list, past, RunSlices.Bounds.DEFAULT), moments);
    }

    @Bean
    FilteredRuns filteredRuns(ProjectReader reader, RunList list, RunPast past, RunMoments moments) {
        return new FilteredRuns(reader, list, past, moments);
    }

    @Bean
    RunController runViewController(
            RunQueries queries, RunReferences references, RunList list, Cursors cursors, RunMoments moments) {
        return new RunController(queries, references, list, cursors, moments);
    }

    @Bean
    TaskViewController taskViewController(
            RunQueries queries, RunReferences references, RunList list, Cursors cursors, RunMoments moments) {
        return new TaskViewController(queries, references, list, cursors, moments);
    }

    @Bean
    ArtifactController artifactController(RunQueries queries, RunReferences references, Cursors cursors) {
        return new ArtifactController(queries, references, cursors);
    }

    @Bean
    RunPastController runPastController(
            ProjectReader reader, RunHistories histories, RunReferences references, RunPast past, RunMoments moments) {
        return new RunPastController(new RunCounts(reader, past), new RunAudit(histories), references, moments);
    }

    @Bean
    RunPast runPast(ProjectReader reader, RunHistories histories) {
        return new RunPast(reader, histories);
    }

    @Bean
    ListedRunsFactory listedRunsFactory(ProjectReader reader, ViewPosition position) {
        return new ListedRunsFactory(reader, position);
    }

    @Bean
    RunMoments runMoments(DataSource dataSource, Clock clock, ViewPosition position) {
        return new RunMoments(new LedgerTimes(JdbcClient.create(dataSource), clock), position);
    }
}
