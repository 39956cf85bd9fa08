package io.runledger.server.proof;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.runledger.server.LedgerSettings;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts together what proves the record, and shows in health and metrics what was found wrong. */
@Configuration(proxyBeanMethods = false)
class ProofConfiguration {

    /** It answers, and somebody should look. */
    private static final Status DEGRADED = new Status("DEGRADED");

    @Bean
    ProofSettings proofSettings(LedgerSettings settings) {
        LedgerSettings.Checkpoints checkpoints = settings.checkpoints();
        return new ProofSettings(
                checkpoints.interval(),
                checkpoints.pagePositions(),
                checkpoints.sweepPositions(),
                checkpoints.parallel());
    }

    @Bean
    CheckpointKey checkpointKey(LedgerSettings settings) {
        return CheckpointKey.ensure(settings.checkpoints().key(), settings.dataDir());
    }

    @Bean
    Checkpoints checkpoints(DataSource dataSource, PlatformTransactionManager transactions) {
        return new Checkpoints(JdbcClient.create(dataSource), new TransactionTemplate(transactions));
    }

    @Bean
    Proofs proofs(DataSource dataSource, Checkpoints checkpoints, CheckpointKey key, ProofSettings settings) {
        return new Proofs(JdbcClient.create(dataSource), checkpoints, key::isForged, settings);
    }

    @Bean
    Notary notary(
            DataSource dataSource, Checkpoints checkpoints, CheckpointKey key, Clock clock, ProofSettings settings) {
        return new Notary(JdbcClient.create(dataSource), checkpoints, key, clock, settings);
    }

    @Bean
    HealthIndicator recordHealthIndicator(Notary notary) {
        return () -> Health.status(notary.faults() == 0 ? Status.UP : DEGRADED)
                .withDetail("faults", notary.faults())
                .build();
    }

    @Bean
    MeterBinder recordMetrics(Notary notary) {
        return registry -> Gauge.builder("runledger.record.faults", notary, Notary::faults)
                .description("Events and checkpoints that are not as they were written")
                .register(registry);
    }
}
