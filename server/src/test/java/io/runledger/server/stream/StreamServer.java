package io.runledger.server.stream;

import static org.awaitility.Awaitility.await;

import io.runledger.server.Runledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A ledger in this process, on a PostgreSQL of its own, and what a client asks of it beside streams. */
final class StreamServer implements AutoCloseable {

    static final String KEY = "rl_stream_0123456789abcdef";
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    StreamServer(String name, String... settings) {
        folder = Path.of("target", "streams", name).toAbsolutePath();
        delete();
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--runledger.data-dir=" + folder.resolve("data"),
                "--runledger.api-key=" + KEY));
        arguments.addAll(Arrays.asList(settings));
        System.setProperty("disable-axoniq-console-message", "true");
        context = SpringApplication.run(Runledger.class, arguments.toArray(String[]::new));
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
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
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
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
        try {
            String pid = Files.readAllLines(folder.resolve("data/postgres/postmaster.pid"))
                    .getFirst();
            new ProcessBuilder("kill", "-QUIT", pid.strip()).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Stops it as SIGTERM would. */
    @Override
    public void close() {
        context.close();
        delete();
    }

    private void delete() {
        if (!Files.exists(folder)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
