package io.runledger.server.views;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.runledger.api.RecentRecord;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.query.projection.NextEvents;
import io.runledger.query.projection.ProjectionMonitor;
import io.runledger.query.projection.ProjectionState;
import io.runledger.query.run.RunEvents;
import io.runledger.server.CannotStart;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the views what they cannot see, and shows each in health and in metrics. */
@Configuration(proxyBeanMethods = false)
class ViewsConfiguration {

    /** It answers, and somebody should look: dead letters, or differences from the ledger. */
    private static final Status DEGRADED = new Status("DEGRADED");

    /** A view beyond the ledger shows what never happened, and would skip what happens next. */
    @Bean
    SmartInitializingSingleton viewsFollowTheLedger(ProjectionMonitor monitor) {
        return () -> {
            Long end = monitor.endBeforeTheView();
            if (end != null) {
                throw new CannotStart(
                        "The views have seen later events than the ledger has, which ends at position %d: its events were"
                                        .formatted(end)
                                + " restored to an earlier time, or removed. If that was meant, drop the views, with all"
                                + " nodes stopped: drop schema view cascade; the next start builds them from the events."
                                + " See docs/backup.md.");
            }
        };
    }

    @Bean
    RunEvents runEvents(PostgresEventStorageEngine engine) {
        return engine::readRuns;
    }

    @Bean
    RecentRecord recentRecord(PostgresEventStorageEngine engine) {
        return engine.recent();
    }

    @Bean
    NextEvents nextEvents(PostgresEventStorageEngine engine) {
        return engine::readAfter;
    }

    @Bean
    HealthIndicator viewsHealthIndicator(ProjectionMonitor monitor) {
        return () -> {
            ProjectionState state = monitor.state();
            boolean degraded = state.status() == ProjectionState.Status.DEGRADED;
            return Health.status(degraded ? DEGRADED : Status.UP)
                    .withDetail(state.name(), state)
                    .build();
        };
    }

    @Bean
    MeterBinder viewMetrics(ProjectionMonitor monitor) {
        LatestState latest = new LatestState(monitor);
        return registry -> {
            gauge("lag.events", ProjectionState::lagEvents, latest, "Events that the view does not show yet")
                    .register(registry);
            gauge("lag.ms", ProjectionState::lagMs, latest, "How long the first of them has waited")
                    .register(registry);
            gauge("dead.letters", ProjectionState::deadLetters, latest, "Runs that are parked")
                    .register(registry);
            gauge("differences", ProjectionState::differences, latest, "Runs that differ from the ledger")
                    .register(registry);
        };
    }

    private static Gauge.Builder<LatestState> gauge(
            String name, ToLongFunction<ProjectionState> value, LatestState latest, String description) {
        return Gauge.builder("runledger.view." + name, latest, state -> value.applyAsLong(state.get()))
                .tag("view", latest.name())
                .description(description);
    }

    /** One look at the database answers all the gauges of a scrape. */
    private static final class LatestState {

        private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

        private final ProjectionMonitor monitor;
        private ProjectionState state;
        private long lookedAt;

        LatestState(ProjectionMonitor monitor) {
            this.monitor = monitor;
            this.state = monitor.state();
            this.lookedAt = System.nanoTime();
        }

        String name() {
            return monitor.name();
        }

        synchronized ProjectionState get() {
            if (System.nanoTime() - lookedAt > FRESH_NANOS) {
                state = monitor.state();
                lookedAt = System.nanoTime();
            }
            return state;
        }
    }
}
