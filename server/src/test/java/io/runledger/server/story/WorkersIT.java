package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.LedgerClient.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Eight workers over two servers on one database: every run is done, and done once. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class WorkersIT {

    private static final int WORKERS = 8;
    private static final int BATCH = 10;

    @TempDir
    Path data;

    private final Map<String, String> doneBy = new ConcurrentHashMap<>();

    @Test
    void eight_workers_over_two_servers_do_each_run_once() throws Exception {
        int runs = Figures.isThorough() ? 20_000 : 400;
        try (LocalPostgres postgres = LedgerProcess.sharedPostgres(data);
                LedgerProcess one = TwoNodesIT.node("workers-one", postgres);
                LedgerProcess two = TwoNodesIT.node("workers-two", postgres)) {
            one.launch();
            two.start();
            one.until(one::isReady, Duration.ofMinutes(3), "ready");
            List<LedgerClient> nodes = List.of(new LedgerClient(one), new LedgerClient(two));
            long begun = System.nanoTime();
            try (ExecutorService executor = Executors.newFixedThreadPool(WORKERS + 2)) {
                List<Future<?>> all = new ArrayList<>();
                for (int half = 0; half < 2; half++) {
                    LedgerClient node = nodes.get(half);
                    all.add(executor.submit(() -> {
                        for (int i = 0; i < runs / 2; i++) {
                            ObjectNode body = LedgerClient.object().put("target", "task:count");
                            body.put("input", i);
                            assertThat(node.post("/v1/runs", body).status()).isEqualTo(201);
                        }
                        return null;
                    }));
                }
                for (int i = 0; i < WORKERS; i++) {
                    String name = "worker-" + i;
                    LedgerClient node = nodes.get(i % 2);
                    all.add(executor.submit(() -> {
                        while (doneBy.size() < runs) {
                            work(node, name);
                        }
                        return null;
                    }));
                }
                for (Future<?> part : all) {
                    part.get();
                }
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            check(nodes.getFirst(), runs);
            Figures.print(
                    "workers: %d runs made and done once each by %d workers over 2 servers in %d ms (%d runs/s)",
                    runs, WORKERS, millis, runs * 1_000L / Math.max(1, millis));
        }
    }

    private void work(LedgerClient node, String name) throws Exception {
        ObjectNode wish = LedgerClient.object().put("worker", name).put("max", BATCH);
        wish.put("lease_seconds", 60).put("wait_seconds", 1);
        Answer claimed = node.post("/v1/claims", wish);
        assertThat(claimed.status()).as("%s", claimed.body()).isEqualTo(200);
        for (JsonNode claim : claimed.body().get("claims")) {
            String run = claim.at("/run/id").asString();
            ObjectNode report = LedgerClient.object().put("output", name);
            report.set("lease_token", claim.get("lease_token"));
            Answer done = node.post("/v1/runs/" + run + "/complete", report);
            assertThat(done.status()).as("%s", done.body()).isEqualTo(200);
            assertThat(doneBy.put(run, name)).as("who did %s before", run).isNull();
        }
    }

    private void check(LedgerClient client, int runs) {
        List<JsonNode> feed = client.feed();
        assertThat(feed).as("created, queued, started, succeeded").hasSize(4 * runs);
        Ledger.assertViewsShow(FoldedRun.each(feed), client, LedgerClient.head(feed));
        Map<String, JsonNode> done = client.runs("", LedgerClient.head(feed));
        assertThat(done).hasSize(runs);
        done.forEach((id, run) -> {
            assertThat(run.get("status").asString()).isEqualTo("succeeded");
            assertThat(run.get("attempt").asInt()).isEqualTo(1);
            assertThat(run.get("output").asString()).isEqualTo(doneBy.get(id));
        });
        assertThat(client.read("/v1/queues").get("data")).isEmpty();
    }
}
