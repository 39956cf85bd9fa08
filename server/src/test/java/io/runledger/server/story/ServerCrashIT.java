package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.HistoryCheck.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The server is killed again and again under load: nothing that it acknowledged is lost, nothing is there twice. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ServerCrashIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_260_101);
    private static final int CLIENTS = 16;

    @Test
    void what_was_acknowledged_outlives_kill_9() throws Exception {
        int kills = Figures.isThorough() ? 10 : 2;
        int commands = Figures.isThorough() ? 10_000 : 1_000;
        List<Long> restarts = new ArrayList<>();
        try (LedgerProcess ledger = LedgerProcess.named("server-crash").start()) {
            LedgerClient client = new LedgerClient(ledger);
            IdempotentClients idempotent = new IdempotentClients(ledger, client);
            Workload workload = new Workload(client, SEED, commands);
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
            workload.run(CLIENTS, load -> {
                for (int kill = 1; kill <= kills; kill++) {
                    int at = commands * kill / (kills + 1) + random.nextInt(50);
                    ledger.until(() -> load.acknowledged() >= at, Duration.ofMinutes(3), "under load, seed " + SEED);
                    ledger.kill9();
                    restarts.add(ledger.start().lastStart().toMillis());
                }
            });
            assertThat(idempotent.finish()).isEmpty();
            Figures.print(
                    "%d runs created, started and noted with nothing but an Idempotency-Key: each once; %s",
                    idempotent.runs(), idempotent.repeats());
            List<JsonNode> feed = Ledger.audit(client);
            Result result = HistoryCheck.check(workload.history(), feed);
            assertThat(result.acknowledged()).isGreaterThanOrEqualTo(commands);
            assertThat(workload.unknown()).as("the kills were felt").isPositive();
            Figures.print(
                    "A1: %d kills, %d commands acknowledged, 0 lost, 0 doubled; %d answers did not come, %d left open"
                            + " of which %d were written; %d events; restart to ready p50 %d ms, p95 %d ms (seed %d)",
                    kills,
                    result.acknowledged(),
                    workload.unknown(),
                    result.open(),
                    result.openButWritten(),
                    feed.size(),
                    Figures.percentile(restarts, 50),
                    Figures.percentile(restarts, 95),
                    SEED);
        }
    }
}
