package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.StringJoiner;
import tools.jackson.databind.json.JsonMapper;

/** A project of a running ledger with some runs in it, all of which its views show. */
final class ProjectOfTests {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final int port;
    private final String slug;
    private final String key;

    /** Makes it, and as many runs, each in another stage of its life. */
    ProjectOfTests(int port, String adminKey, String slug, int runs) {
        this.port = port;
        this.slug = slug;
        post(adminKey, "/v1/projects", "application/json", "{\"slug\": \"%s\"}".formatted(slug));
        String body = "{\"name\": \"admin\", \"role\": \"admin\", \"project\": \"%s\"}".formatted(slug);
        this.key = JsonMapper.shared()
                .readTree(post(adminKey, "/v1/keys", "application/json", body).body())
                .at("/key")
                .asString();
        StringJoiner lines = new StringJoiner("\n", "", "\n");
        for (int run = 0; run < runs; run++) {
            life(run).lines().forEach(lines::add);
        }
        assertThat(post(key, "/v1/commands", "application/x-ndjson", lines.toString())
                        .body())
                .doesNotContain("\"error\"");
        String position = post(key, "/v1/runs", "application/json", "{\"target\": \"task:last\"}")
                .headers()
                .firstValue("Ledger-Position")
                .orElseThrow();
        send(request(key, "/v1/runs").header("Ledger-Position", position));
    }

    private static String life(int run) {
        String to = "\"run\": \"key:r%d\"".formatted(run);
        String[] steps = {
            "{\"command\": \"create\", \"target\": \"task:t\", \"key\": \"r%d\", \"input\": {\"n\": %d.10}}"
                    .formatted(run, run),
            "{\"command\": \"start\", " + to + ", \"command_id\": \"start\"}",
            "{\"command\": \"progress\", " + to + ", \"percent\": 50, \"message\": \"Zoë \\ud83c\\udfe0\"}",
            "{\"command\": \"note\", " + to + ", \"type\": \"agent.message\", \"payload\": {\"nul\": \"\\u0000\"}}",
            "{\"command\": \"complete\", " + to + ", \"output\": {\"ok\": true}}"
        };
        return String.join("\n", java.util.Arrays.copyOf(steps, 1 + run % steps.length));
    }

    String slug() {
        return slug;
    }

    HttpResponse<String> get(String path) {
        return send(request(key, path));
    }

    /** What is answered when the views show at least this position. */
    String at(String position, String path) {
        return send(request(key, path).header("Ledger-Position", position)).body();
    }

    HttpResponse<String> post(String path, String body) {
        return post(key, path, "application/json", body);
    }

    private HttpRequest.Builder request(String opening, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("x-api-key", opening);
    }

    private HttpResponse<String> post(String opening, String path, String type, String body) {
        return send(request(opening, path).header("content-type", type).POST(BodyPublishers.ofString(body)));
    }

    /** What a request is answered with that is to be refused with this status. */
    String refused(String method, String path, String body, int status) {
        HttpResponse<String> answer = exchange(request(key, path)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        HttpResponse<String> answer = exchange(request);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return answer;
    }

    private static HttpResponse<String> exchange(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
