package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Many callers wait at once for what they asked for, on one node; workers then do it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LiveCallersIT {

    private static final int CALLERS = Figures.isThorough() ? 2_000 : 200;

    @Test
    void every_caller_gets_its_own_answer() throws Exception {
        try (LedgerProcess ledger = LedgerProcess.named("live").start();
                HttpClient http = HttpClient.newHttpClient()) {
            LedgerClient client = new LedgerClient(ledger);
            List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                HttpRequest call = HttpRequest.newBuilder(ledger.uri().resolve("/v1/runs"))
                        .header("x-api-key", LedgerProcess.KEY)
                        .header("Content-Type", "application/json")
                        .header("Prefer", "wait=60")
                        .timeout(Duration.ofSeconds(120))
                        .POST(BodyPublishers.ofString("{\"target\": \"action:double\", \"input\": " + i + "}"))
                        .build();
                waiting.add(http.sendAsync(call, BodyHandlers.ofString()));
            }
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                assertThat(waiting).noneMatch(CompletableFuture::isDone);
                assertThat(queued(client)).isEqualTo(CALLERS);
            });

            long start = System.nanoTime();
            work(client);
            Set<Integer> answers = new HashSet<>();
            for (int i = 0; i < CALLERS; i++) {
                HttpResponse<String> answer = waiting.get(i).get();
                assertThat(answer.statusCode()).isEqualTo(200);
                JsonNode run = LedgerClient.JSON.readTree(answer.body());
                assertThat(run.at("/output").asInt()).isEqualTo(2 * i);
                answers.add(i);
            }
            assertThat(answers).hasSize(CALLERS);
            Figures.print(
                    "live: %d callers waited at once; all had their answers %d ms after the first was claimed",
                    CALLERS, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }

    private static long queued(LedgerClient client) {
        for (JsonNode queue : client.read("/v1/queues").at("/data")) {
            return queue.at("/depth").asLong();
        }
        return 0;
    }

    /** A worker that doubles inputs until there are no more. */
    private static void work(LedgerClient client) throws Exception {
        ObjectNode claim =
                LedgerClient.object().put("worker", "doubler").put("max", 100).put("lease_seconds", 60);
        while (true) {
            JsonNode claims = client.post("/v1/claims", claim).body().at("/claims");
            if (claims.isEmpty()) {
                return;
            }
            for (JsonNode one : claims) {
                ObjectNode done = LedgerClient.object()
                        .put("lease_token", one.at("/lease_token").asString());
                done.put("output", 2 * one.at("/run/input").asInt());
                String path = "/v1/runs/" + one.at("/run/id").asString() + "/complete";
                assertThat(client.post(path, done).status()).isEqualTo(200);
            }
        }
    }
}
