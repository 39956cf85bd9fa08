package io.runledger.server.stream;

import static org.awaitility.Awaitility.await;

import io.runledger.server.story.LedgerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A ledger in a process of its own, so that its memory is its own, and what a client asks of it beside streams. */
final class StreamServer implements AutoCloseable {

    static final String KEY = LedgerProcess.KEY;
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LedgerProcess ledger;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** One that is ready, with these settings by the names of their variables. */
    StreamServer(String name, Map<String, String> settings) {
        ledger = LedgerProcess.named(name);
        settings.forEach(ledger::with);
        try {
            ledger.start();
        } catch (RuntimeException | Error e) {
            ledger.close();
            throw e;
        }
    }

    int port() {
        return ledger.uri().getPort();
    }

    /** Its process. */
    LedgerProcess process() {
        return ledger;
    }

    SseClient follow(String path, String... headers) {
        return new SseClient(port(), path, headers);
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = request(path).GET();
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    JsonNode json(String path) {
        HttpResponse<String> answer = get(path);
        if (answer.statusCode() != 200) {
            throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    /** Posts a command; tells the status. */
    HttpResponse<String> post(String path, String body) {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        // Java's client reads nothing before it has sent everything, so an answer for every command would find no room.
        return send(
                path.equals("/v1/commands")
                        ? request.headers("Content-Type", "application/x-ndjson", "Prefer", "return=minimal")
                        : request.header("Content-Type", "application/json"));
    }

    /** Deletes what must be there. */
    void delete(String path) {
        HttpResponse<String> answer = send(request(path).DELETE());
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    /** A run that is under way; its id. */
    String startedRun() {
        String id = JSON.readTree(succeed("/v1/runs", "{\"target\": \"task:stream\"}"))
                .get("id")
                .asString();
        succeed("/v1/runs/" + id + "/start", "{}");
        return id;
    }

    /** Posts a command that must succeed. */
    String succeed(String path, String body) {
        HttpResponse<String> answer = post(path, body);
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    void note(String run, String payload) {
        succeed("/v1/runs/" + run + "/progress", "{\"message\": \"" + payload + "\"}");
    }

    /** The position of the last event; waits while streams that a test has left still take all places. */
    long head() {
        HttpResponse<String> export = await().atMost(PATIENCE)
                .until(() -> get("/v1/export", "Accept", "application/x-ndjson"), answer -> answer.statusCode() == 200);
        String[] lines = export.body().split("\n");
        return JSON.readTree(lines[lines.length - 1]).get("next").asLong();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(ledger.uri().resolve(path))
                .timeout(PATIENCE)
                .header("x-api-key", KEY);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends PostgreSQL as a crash would; the ledger starts it again. */
    void crashPostgres() {
        ledger.signalPostgres("QUIT");
    }

    /** Stops it as SIGTERM would. */
    @Override
    public void close() {
        http.close();
        ledger.close();
    }
}
