package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Everybody who is with a ledger when it is asked to stop: who follows streams, who waits for work, who gives commands. */
final class Farewell {

    private static final int STREAMS = 200;
    private static final int CLAIMS = 50;
    private static final int WRITERS = 8;
    private static final int COMMANDS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LedgerProcess ledger;
    private final String key;
    private final LedgerClient client;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
    private final List<CompletableFuture<HttpResponse<Stream<String>>>> streams = new ArrayList<>();
    private final List<CompletableFuture<HttpResponse<String>>> claims = new ArrayList<>();
    private final List<Future<?>> writing = new ArrayList<>();

    /** The id that was answered for each key. */
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    /** Keys whose create was not answered, or was answered that the ledger is shutting down. */
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    Farewell(LedgerProcess ledger, String key) {
        this.ledger = ledger;
        this.key = key;
        this.client = new LedgerClient(ledger::uri, key);
    }

    /** Returns when all streams and claims are open, and many commands have been given. */
    void begin() {
        for (int i = 0; i < STREAMS; i++) {
            HttpRequest follow =
                    request("/v1/events").header("Accept", "text/event-stream").build();
            streams.add(http.sendAsync(follow, BodyHandlers.ofLines()));
        }
        streams.forEach(stream -> assertThat(stream.join().statusCode()).isEqualTo(200));
        String claim = "{\"worker\": \"w\", \"queues\": [\"empty\"], \"wait_seconds\": 30, \"lease_seconds\": 5}";
        for (int i = 0; i < CLAIMS; i++) {
            HttpRequest wait = request("/v1/claims")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(claim))
                    .build();
            claims.add(http.sendAsync(wait, BodyHandlers.ofString()));
        }
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            writing.add(writers.submit(() -> write(writer)));
        }
        await().atMost(PATIENCE).until(() -> acknowledged.size() >= COMMANDS);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(ledger.uri().resolve(path))
                .timeout(PATIENCE)
                .header("x-api-key", key);
    }

    private void write(int writer) {
        for (int i = 0; ; i++) {
            String name = "farewell-" + writer + "-" + i;
            try {
                Answer answer = create(name);
                if (answer.status() != 201) {
                    open.put(name, answer.status());
                    return;
                }
                acknowledged.put(name, answer.id());
            } catch (IOException _) {
                open.put(name, 0);
                return;
            }
        }
    }

    private Answer create(String name) throws IOException {
        ObjectNode body = LedgerClient.object().put("target", "task:farewell").put("key", name);
        return client.post("/v1/runs", body, "Idempotency-Key", name);
    }

    /** What became of everybody, once the ledger has gone: nobody was cut off in the middle of an answer. */
    String end() throws Exception {
        for (CompletableFuture<HttpResponse<Stream<String>>> stream : streams) {
            List<String> lines = stream.join().body().toList();
            assertThat(lines.reversed())
                    .filteredOn(line -> line.startsWith(":"))
                    .first()
                    .asString()
                    .contains("come back");
        }
        for (CompletableFuture<HttpResponse<String>> claim : claims) {
            HttpResponse<String> answer = claim.get(1, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
        }
        for (Future<?> one : writing) {
            one.get();
        }
        writers.close();
        http.close();
        return "%d streams, %d waiting claims, %d writers (%d creates acknowledged, %d not)"
                .formatted(STREAMS, CLAIMS, WRITERS, acknowledged.size(), open.size());
    }

    /** After the next start: what was acknowledged is there, and what was not can be asked for again, with one effect. */
    void assertNothingIsLostOrDoubled() throws IOException {
        acknowledged.forEach((name, id) -> assertThat(
                        client.read("/v1/runs/key:" + name).get("id").asString())
                .as(name)
                .isEqualTo(id));
        for (String name : open.keySet()) {
            Answer again = create(name);
            assertThat(again.status()).as("%s: %s", name, again.body()).isEqualTo(201);
        }
        long made = client.feed().stream()
                .filter(event -> event.get("type").asString().equals("run.created"))
                .count();
        assertThat(made).isEqualTo(acknowledged.size() + open.size());
    }
}
