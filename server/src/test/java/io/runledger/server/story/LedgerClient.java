package io.runledger.server.story;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asks a ledger over HTTP; knows what an answer means for a client that must not lose or double anything. */
final class LedgerClient {

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final int PAGE = 100;
    private static final int EVENT_PAGE = 1_000;

    private final Supplier<URI> ledger;
    private final String key;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    LedgerClient(LedgerProcess ledger) {
        this(ledger::uri, LedgerProcess.KEY);
    }

    LedgerClient(Supplier<URI> ledger, String key) {
        this.ledger = ledger;
        this.key = key;
    }

    record Answer(int status, HttpHeaders headers, JsonNode body) {

        boolean isSuccess() {
            return status / 100 == 2;
        }

        String code() {
            return body.path("code").asString("");
        }

        long version() {
            return body.get("version").asLong();
        }

        String id() {
            return body.get("id").asString();
        }

        long position() {
            return headers.firstValueAsLong("Ledger-Position").orElseThrow();
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    Answer get(String path, String... headers) throws IOException {
        return send(request(path, headers).GET().build());
    }

    Answer post(String path, JsonNode body, String... headers) throws IOException {
        HttpRequest.Builder request = request(path, headers).header("Content-Type", "application/json");
        return send(request.POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    Answer put(String path, JsonNode body) throws IOException {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json");
        return send(request.PUT(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    /** A get that must be answered with 200. */
    JsonNode read(String path, String... headers) {
        try {
            Answer answer = get(path, headers);
            if (answer.status() != 200) {
                throw new AssertionError(path + " was answered " + answer.status() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new AssertionError(path + " was not answered", e);
        }
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(ledger.get() + path))
                .timeout(Duration.ofSeconds(30))
                .header("x-api-key", key);
        return headers.length == 0 ? request : request.headers(headers);
    }

    private Answer send(HttpRequest request) throws IOException {
        HttpResponse<String> response = exchange(request);
        String text = response.body();
        return new Answer(
                response.statusCode(), response.headers(), text.isEmpty() ? JSON.missingNode() : JSON.readTree(text));
    }

    private HttpResponse<String> exchange(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Sends command lines in one request and gives back the answer lines. */
    List<JsonNode> commands(List<? extends JsonNode> lines, String... headers) throws IOException {
        StringBuilder body = new StringBuilder();
        lines.forEach(line -> body.append(line).append('\n'));
        HttpResponse<String> response = exchange(request("/v1/commands", headers)
                .timeout(Duration.ofMinutes(5))
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
        if (response.statusCode() != 200) {
            throw new AssertionError("commands were answered " + response.statusCode() + " " + response.body());
        }
        return response.body().lines().map(JSON::readTree).toList();
    }

    /** Every run that matches, by id, page by page. */
    Map<String, JsonNode> runs(String filter, long position) {
        Map<String, JsonNode> runs = new LinkedHashMap<>();
        String[] headers = {"Ledger-Position", Long.toString(position)};
        String after = null;
        do {
            String path = "/v1/runs?limit=" + PAGE + filter + (after == null ? "" : "&after=" + after);
            JsonNode page = read(path, headers);
            for (JsonNode run : page.get("data")) {
                if (runs.put(run.get("id").asString(), run) != null) {
                    throw new AssertionError("listed twice: " + run);
                }
            }
            after = next(page);
        } while (after != null);
        return runs;
    }

    /** How many runs match. */
    long count(String filter, long position) {
        return read("/v1/runs?limit=1&count=true" + filter, "Ledger-Position", Long.toString(position))
                .get("total")
                .asLong();
    }

    /** The whole ledger, in order. */
    List<JsonNode> feed() {
        return feed(0);
    }

    /** The ledger after a position, in order. */
    List<JsonNode> feed(long after) {
        return events("/v1/events?after=", Long.toString(after), "position");
    }

    /** All events of a run, in order. */
    List<JsonNode> eventsOf(String run) {
        return events("/v1/runs/" + run + "/events?after=", "-1", "sequence");
    }

    private List<JsonNode> events(String path, String start, String place) {
        List<JsonNode> events = new ArrayList<>();
        String after = start;
        boolean more = true;
        while (more) {
            JsonNode page = read(path + after + "&limit=" + EVENT_PAGE);
            long last = Long.parseLong(after);
            for (JsonNode event : page.get("data")) {
                if (event.get(place).asLong() <= last) {
                    throw new AssertionError("out of order after " + last + ": " + event);
                }
                last = event.get(place).asLong();
                events.add(event);
            }
            more = page.get("has_more").asBoolean();
            after = more ? page.get("next").asString() : after;
        }
        return events;
    }

    /** The position of the ledger's last event. */
    static long head(List<JsonNode> feed) {
        return feed.isEmpty() ? 0 : feed.getLast().get("position").asLong();
    }

    private static @Nullable String next(JsonNode page) {
        return page.get("has_more").asBoolean() ? page.get("next").asString() : null;
    }
}
