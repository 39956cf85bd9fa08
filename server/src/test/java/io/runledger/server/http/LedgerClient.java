package io.runledger.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A well-behaved client of the ledger, with the admin key of the project {@code default}. */
final class LedgerClient {

    static final String KEY = "the-first-key-of-the-tests";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    private final int port;
    private final String key;

    LedgerClient(int port) {
        this(port, KEY);
    }

    private LedgerClient(int port, String key) {
        this.port = port;
        this.key = key;
    }

    /** What opens the ledger with a new key of this project and role. */
    String newKey(String project, String role) {
        String body = "{\"name\": \"%s\", \"role\": \"%s\", \"project\": \"%s\"}".formatted("a-" + role, role, project);
        return post("/v1/keys", body).is(201).text("/key");
    }

    LedgerClient withKey(String other) {
        return new LedgerClient(port, other);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(PATIENCE)
                .header("x-api-key", key);
    }

    Answer get(String path, String... headers) {
        return send(with(request(path), headers));
    }

    /** Posts JSON. */
    Answer post(String path, String body, String... headers) {
        return post(path, BodyPublishers.ofString(body), headers);
    }

    Answer post(String path, BodyPublisher body, String... headers) {
        return send(
                with(request(path).header("content-type", "application/json").POST(body), headers));
    }

    /** Posts lines of commands; the answer's lines. */
    List<JsonNode> commands(String... lines) {
        return commands(String.join("\n", lines) + "\n");
    }

    List<JsonNode> commands(String lines) {
        return stream(BodyPublishers.ofString(lines))
                .is(200)
                .body()
                .lines()
                .map(Answer::json)
                .toList();
    }

    Answer stream(BodyPublisher lines, String... headers) {
        return send(with(
                request("/v1/commands")
                        .header("content-type", "application/x-ndjson")
                        .POST(lines),
                headers));
    }

    static HttpRequest.Builder with(HttpRequest.Builder request, String... headers) {
        return headers.length == 0 ? request : request.headers(headers);
    }

    Answer send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.headers().map(), response.body());
    }

    InputStream open(HttpRequest.Builder request) {
        return exchange(request, BodyHandlers.ofInputStream()).body();
    }

    private static <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return HTTP.send(request.build(), handler);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The id of a new run that is queued. */
    String queued() {
        return post("/v1/runs", "{\"target\": \"task:test\"}").is(201).text("/id");
    }

    /** The id of a new run that is running, without a lease. */
    String running() {
        String run = queued();
        post("/v1/runs/" + run + "/start", "{}").is(200);
        return run;
    }

    JsonNode run(String id) {
        return get("/v1/runs/" + id).is(200).json();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
