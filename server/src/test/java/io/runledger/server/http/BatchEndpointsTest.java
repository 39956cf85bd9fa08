package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Batches over HTTP: inputs, small and large, items, claims, results. */
@RunningLedger
class BatchEndpointsTest {

    private static final AtomicInteger KEYS = new AtomicInteger();
    private static final int MIB = 1 << 20;

    private final LedgerClient ledger;
    private final int port;

    BatchEndpointsTest(@LocalServerPort int port) {
        this.port = port;
        ledger = new LedgerClient(port);
    }

    private static String key() {
        return "batch-" + KEYS.incrementAndGet();
    }

    private String batch(int count) {
        String inputs = IntStream.range(0, count)
                .mapToObj(index -> "{\"n\":" + index + "}")
                .collect(Collectors.joining(","));
        return ledger.post("/v1/runs", "{\"target\": \"task:t\", \"inputs\": [" + inputs + "]}")
                .is(201)
                .text("/id");
    }

    private Answer claim(String run, int max) {
        return ledger.post(
                "/v1/runs/" + run + "/items/claim",
                "{\"worker\": \"w1\", \"lease_seconds\": 30, \"max\": " + max + "}");
    }

    private Answer report(String run, String token, String results) {
        return ledger.post(
                "/v1/runs/" + run + "/items/results",
                "{\"lease_token\": \"" + token + "\", \"results\": [" + results + "]}");
    }

    private JsonNode items(String run, String query, String... headers) {
        return ledger.get("/v1/runs/" + run + "/items" + query, headers).is(200).json();
    }

    private static void assertCounts(JsonNode run, long pending, long running, long succeeded, long failed) {
        JsonNode items = run.at("/items");
        assertThat(List.of(
                        items.at("/pending").asLong(),
                        items.at("/running").asLong(),
                        items.at("/succeeded").asLong(),
                        items.at("/failed").asLong(),
                        items.at("/invalid").asLong()))
                .as("%s", items)
                .containsExactly(pending, running, succeeded, failed, 0L);
        assertThat(items.at("/total").asLong()).isEqualTo(pending + running + succeeded + failed);
    }

    @Test
    void a_batch_goes_from_its_inputs_to_its_results() {
        Answer created = ledger.post(
                        "/v1/runs", "{\"inputs\": [1.50, \"zwei\", {\"b\": 1, \"a\": []}], \"target\": \"task:t\"}")
                .is(201);
        String run = created.text("/id");
        assertThat(created.text("/status")).isEqualTo("queued");
        assertThat(created.json().at("/input").isNull()).isTrue();
        assertCounts(created.json(), 3, 0, 0, 0);

        Answer claimed = claim(run, 2).is(200);
        assertThat(claimed.body())
                .contains(
                        "{\"index\":0,\"input\":1.50,\"attempt\":1}", "{\"index\":1,\"input\":\"zwei\",\"attempt\":1}");
        assertThat(claimed.text("/lease_expires_at")).isNotEmpty();
        JsonNode running = ledger.run(run);
        assertThat(running.at("/status").asString()).isEqualTo("running");
        assertThat(running.at("/worker").isNull()).isTrue();
        assertCounts(running, 1, 2, 0, 0);

        String token = claimed.text("/lease_token");
        Answer reported = report(
                        run,
                        token,
                        "{\"index\": 1, \"error\": {\"code\": \"no\", \"message\": \"not so\", \"retryable\": false}},"
                                + "{\"index\": 0, \"output\": {\"big\": 12345678901234567890.10}}")
                .is(200);
        assertCounts(reported.json(), 1, 0, 1, 1);
        Answer last = claim(run, 10).is(200);
        assertThat(last.body()).contains("\"input\":{\"b\":1,\"a\":[]}");
        Answer ended = report(run, last.text("/lease_token"), "{\"index\": 2, \"output\": null}")
                .is(200);
        assertThat(ended.text("/status")).isEqualTo("partially_succeeded");
        assertThat(ended.header("etag")).isEqualTo("\"" + ended.number("/version") + "\"");

        String position = ended.header("ledger-position");
        Answer all = ledger.get("/v1/runs/" + run + "/items", "Ledger-Position", position)
                .is(200);
        assertThat(all.body())
                .contains("\"output\":{\"big\":12345678901234567890.10}", "\"code\":\"no\"", "\"retryable\":false");
        assertThat(all.json()
                        .at("/data")
                        .valueStream()
                        .map(item -> item.at("/status").asString()))
                .containsExactly("succeeded", "failed", "succeeded");
        Answer none = claim(run, 10).is(200);
        assertThat(none.json().at("/items")).isEmpty();
        assertThat(none.json().at("/lease_token").isNull()).isTrue();
    }

    @Test
    void items_are_listed_by_status_page_by_page() {
        String run = batch(230);
        String token = claim(run, 120).is(200).text("/lease_token");
        String results = IntStream.range(0, 110)
                .mapToObj(index -> index % 10 == 3
                        ? "{\"index\": " + index + ", \"error\": {\"code\": \"e\", \"message\": \"m\"}}"
                        : "{\"index\": " + index + ", \"output\": " + index + "}")
                .collect(Collectors.joining(","));
        String position = report(run, token, results).is(200).header("ledger-position");

        assertThat(listed(run, "limit=100", position))
                .isEqualTo(IntStream.range(0, 230).boxed().toList());
        assertThat(listed(run, "status=failed&limit=3", position))
                .isEqualTo(IntStream.range(0, 110)
                        .filter(index -> index % 10 == 3)
                        .boxed()
                        .toList());
        assertThat(listed(run, "status=running", position))
                .isEqualTo(IntStream.range(110, 120).boxed().toList());
        assertThat(listed(run, "status=pending&status=running&limit=50", position))
                .isEqualTo(IntStream.range(110, 230).boxed().toList());
        assertThat(listed(run, "status=succeeded&limit=100", position)).hasSize(99);
        JsonNode item = items(run, "?status=succeeded&limit=1", "Ledger-Position", position)
                .at("/data/0");
        assertThat(item.at("/input/n").asInt()).isZero();
        assertThat(item.at("/output").asInt()).isZero();
    }

    private List<Integer> listed(String run, String query, String position) {
        List<Integer> indexes = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = items(run, "?" + query + after, "Ledger-Position", position);
            page.at("/data").forEach(item -> indexes.add(item.at("/index").asInt()));
            after = page.at("/has_more").asBoolean()
                    ? "&after=" + page.at("/next").asString()
                    : null;
        } while (after != null);
        return indexes;
    }

    @ParameterizedTest
    @CsvSource({"status=done, status", "limit=101, limit", "after=x, after", "before=x, before"})
    void a_list_of_items_says_what_it_does_not_understand(String query, String parameter) {
        ledger.get("/v1/runs/" + batch(1) + "/items?" + query).pointsTo(parameter);
    }

    @Test
    void a_cursor_fits_one_list_only() {
        String run = batch(3);
        String next = items(run, "?limit=1").at("/next").asString();
        ledger.get("/v1/runs/" + batch(3) + "/items?limit=1&after=" + next).pointsTo("after");
        ledger.get("/v1/runs/" + run + "/items?limit=1&status=failed&after=" + next)
                .pointsTo("after");
    }

    @Test
    void a_run_that_is_no_batch_has_no_items() {
        String run = ledger.queued();
        assertThat(items(run, "").at("/data")).isEmpty();
        claim(run, 1).isProblem(409, "conflict");
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("queued");
        claim("01KGA0C8G0000000000000000A", 1).isProblem(404, "not_found");
        ledger.get("/v1/runs/01KGA0C8G0000000000000000A/items").isProblem(404, "not_found");
    }

    @Test
    void what_is_wrong_with_a_report_is_told_with_its_place() {
        String run = batch(2);
        String token = claim(run, 2).is(200).text("/lease_token");
        report(run, token, "").pointsTo("/results");
        report(run, token, "{\"index\": 0}, {\"index\": 0}").pointsTo("/results/1/index");
        report(run, token, "{\"index\": 0, \"output\": 1, \"error\": {\"code\": \"e\", \"message\": \"m\"}}")
                .pointsTo("/results/0");
        report(run, token, "{\"index\": -1}, {\"output\": 1}, {\"index\": 1, \"x\": 1}")
                .pointsTo("/results/0/index", "/results/1/index", "/results/2/x");
        report(run, token, "{\"index\": 2}").isProblem(409, "lease_lost");
        report(run, "5.AAAA", "{\"index\": 0}").isProblem(409, "lease_lost");
        String other = claim(batch(1), 1).text("/lease_token");
        report(run, other, "{\"index\": 0}").isProblem(409, "lease_lost");
        assertCounts(ledger.run(run), 0, 2, 0, 0);
    }

    @Test
    void the_lease_of_items_is_no_lease_of_the_run() {
        String run = batch(2);
        String token = claim(run, 1).is(200).text("/lease_token");
        ledger.post(
                        "/v1/runs/" + run + "/fail",
                        "{\"error\": {\"code\": \"e\", \"message\": \"m\"}, \"lease_token\": \"" + token + "\"}")
                .isProblem(409, "lease_lost");
        ledger.post("/v1/runs/" + run + "/complete", "{}").isProblem(409, "conflict");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1001})
    void a_claim_takes_no_more_and_no_less_than_it_may(int max) {
        claim(batch(1), max).pointsTo("/max");
    }

    @Test
    void there_is_either_an_input_or_inputs() {
        create("\"input\": 1, \"inputs\": [1]").pointsTo("/inputs");
        create("\"inputs\": []").pointsTo("/inputs");
        create("\"inputs\": {}").pointsTo("/inputs");
        create("\"inputs\": [1, null, 2, null]").pointsTo("/inputs/1", "/inputs/3");
    }

    private Answer create(String members) {
        return ledger.post("/v1/runs", "{\"target\": \"task:t\", " + members + "}");
    }

    @Test
    void a_batch_has_at_most_100_000_items() {
        String most = "1,".repeat(99_999) + "1";
        Answer created = create("\"inputs\": [" + most + "]").is(201);
        assertCounts(created.json(), 100_000, 0, 0, 0);
        create("\"inputs\": [" + most + ",1]").pointsTo("/inputs");
        String large = "\"" + "x".repeat(20) + "\",";
        create("\"inputs\": [" + large.repeat(100_000) + "1]").pointsTo("/inputs");
    }

    private static String text(int length) {
        return "\"" + "x".repeat(length) + "\"";
    }

    @Test
    void a_large_batch_may_say_everything_else_before_or_after_its_inputs() {
        String key = key();
        String inputs = IntStream.range(0, 30).mapToObj(_ -> text(100_000)).collect(Collectors.joining(","));
        Answer created = ledger.post(
                        "/v1/runs",
                        "{\"labels\": {\"a\": \"b\"}, \"inputs\": [" + inputs
                                + ", \"ü\u20ac\", 1.50], \"target\": \"task:t\"," + " \"key\": \"" + key
                                + "\", \"priority\": 7}")
                .is(201);
        assertThat(created.text("/key")).isEqualTo(key);
        assertThat(created.text("/labels/a")).isEqualTo("b");
        assertThat(created.number("/priority")).isEqualTo(7);
        assertCounts(created.json(), 32, 0, 0, 0);
        Answer claimed = claim("key:" + key, 100).is(200);
        assertThat(claimed.json().at("/items")).hasSize(32);
        assertThat(claimed.body()).contains("\"input\":\"ü€\"", "\"input\":1.50");
    }

    @Test
    void everything_that_is_wrong_with_a_large_batch_is_told_and_nothing_is_created() {
        String key = key();
        String head = "{\"key\": \"" + key + "\", \"inputs\": [" + text(700_000) + ", null, " + text(MIB - 1) + ", "
                + text(MIB - 2) + ", [" + text(MIB / 2) + "," + text(MIB / 2) + "], 3]";
        ledger.post("/v1/runs", head + ", \"targets\": 1, \"priority\": 101}")
                .pointsTo("/inputs/1", "/inputs/2", "/inputs/4", "/targets", "/priority", "/target");
        ledger.post("/v1/runs", head + ", \"target\": \"task:t\"").isProblem(400, "bad_request");
        ledger.post("/v1/runs", head + ", \"target\": \"task:t\"} x").isProblem(400, "bad_request");
        ledger.post(
                        "/v1/runs",
                        "{\"inputs\": [" + text(700_000) + "," + text(700_000)
                                + "], \"inputs\": [1], \"target\": \"task:t\"}")
                .pointsTo("/inputs");
        ledger.get("/v1/runs/key:" + key).isProblem(404, "not_found");
    }

    @Test
    void a_large_batch_is_strict_about_its_bytes() {
        byte[] body =
                ("{\"target\": \"task:t\", \"inputs\": [" + text(700_000) + "," + text(700_000) + "]}").getBytes();
        body[800_000] = (byte) 0xff;
        Answer answer = ledger.post("/v1/runs", BodyPublishers.ofByteArray(body));
        answer.isProblem(400, "bad_request");
        assertThat(answer.body()).contains("not valid UTF-8");
    }

    @Test
    void what_a_create_says_beside_its_inputs_has_the_usual_limit() {
        create("\"input\": " + text(MIB)).isProblem(413, "too_large");
        create("\"input\": 1" + " ".repeat(MIB)).isProblem(413, "too_large");
        create("\"config\": " + text(600_000) + ", \"metadata\": " + text(600_000) + ", \"inputs\": [1]")
                .isProblem(413, "too_large");
    }

    @Test
    void more_than_256_mib_are_refused_unread() throws IOException {
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(RawConnection.head(
                    "POST /v1/runs", "Content-Type: application/json", "Content-Length: " + (256L * MIB + 1)));
            // The converter looks at the first mebibyte before it judges the rest.
            connection.send("{\"inputs\": [" + text(MIB + 100));
            assertThat(connection.status()).isEqualTo(413);
        }
    }

    @Test
    void a_client_that_goes_in_the_middle_leaves_nothing() throws IOException {
        String key = key();
        for (int i = 0; i < 6; i++) {
            try (RawConnection connection = new RawConnection(port)) {
                connection.send(RawConnection.head(
                        "POST /v1/runs", "Content-Type: application/json", "Transfer-Encoding: chunked"));
                connection.chunk("{\"target\": \"task:t\", \"key\": \"" + key + "\", \"inputs\": [1");
                for (int part = 0; part < 20; part++) {
                    connection.chunk("," + text(100_000));
                }
                connection.abort();
            }
        }
        ledger.get("/v1/runs/key:" + key).isProblem(404, "not_found");
        // Those who have gone have given back their places.
        String body = "{\"target\": \"task:t\", \"key\": \"" + key + "\", \"inputs\": [" + text(900_000) + ","
                + text(900_000) + "]}";
        await().atMost(Duration.ofSeconds(20))
                .until(() -> ledger.post("/v1/runs", body).status() == 201);
    }

    @Test
    void a_node_takes_in_so_many_large_batches_at_once_and_no_more() throws IOException {
        List<RawConnection> open = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                RawConnection connection = new RawConnection(port);
                open.add(connection);
                connection.send(RawConnection.head(
                        "POST /v1/runs", "Content-Type: application/json", "Transfer-Encoding: chunked"));
                connection.chunk("{\"target\": \"task:t\", \"inputs\": [" + text(600_000) + "," + text(600_000));
            }
            String body = "{\"target\": \"task:t\", \"inputs\": [" + text(900_000) + "," + text(900_000) + "]}";
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> ledger.post("/v1/runs", body).status() == 503);
            batch(2);
        } finally {
            for (RawConnection connection : open) {
                connection.chunk("]}");
                connection.lastChunk();
                assertThat(connection.status()).isEqualTo(201);
                connection.close();
            }
        }
    }

    @Test
    void a_create_that_is_sent_again_with_its_key_and_command_id_makes_one_run() {
        String body =
                "{\"target\": \"task:t\", \"key\": \"" + key() + "\", \"command_id\": \"c\", \"inputs\": [1, 2, 3]}";
        Answer first = ledger.post("/v1/runs", body).is(201);
        Answer again = ledger.post("/v1/runs", body).is(201);
        assertThat(again.text("/id")).isEqualTo(first.text("/id"));
        assertThat(again.number("/version")).isEqualTo(first.number("/version"));
        ledger.post("/v1/runs", body.replace("\"c\"", "\"d\"")).isProblem(409, "key_taken");
    }

    @Test
    void a_line_of_commands_creates_a_batch_too() {
        String key = key();
        JsonNode line = ledger.commands("{\"command\": \"create\", \"target\": \"task:t\", \"key\": \"" + key
                        + "\", \"inputs\": [1, 2]}")
                .getFirst();
        JsonNode run = ledger.run("key:" + key);
        assertThat(line.at("/version").asLong()).isEqualTo(run.at("/version").asLong());
        assertThat(run.at("/status").asString()).isEqualTo("queued");
        assertCounts(run, 2, 0, 0, 0);
    }

    @Test
    void a_resumed_batch_counts_anew_what_had_failed() {
        String run = batch(2);
        String token = claim(run, 2).text("/lease_token");
        String error = "\"error\": {\"code\": \"e\", \"message\": \"m\"}}";
        report(run, token, "{\"index\": 0, " + error + ", {\"index\": 1, " + error)
                .is(200);
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("failed");
        assertThat(ledger.run(run).at("/error/code").asString()).isEqualTo("items_failed");

        Answer resumed = ledger.post("/v1/runs/" + run + "/resume", "{}").is(200);
        assertCounts(resumed.json(), 2, 0, 0, 0);
        assertThat(items(run, "?status=failed", "Ledger-Position", resumed.header("ledger-position"))
                        .at("/data"))
                .isEmpty();
        Answer again = claim(run, 2).is(200);
        assertThat(again.json().at("/items/0/attempt").asInt()).isEqualTo(2);
        Answer ended = report(run, again.text("/lease_token"), "{\"index\": 0}, {\"index\": 1}")
                .is(200);
        assertThat(ended.text("/status")).isEqualTo("succeeded");
        assertThat(ledger.get("/v1/runs/" + run + "/verify").json().at("/valid").asBoolean())
                .isTrue();
    }

    @Test
    void a_page_of_items_links_to_the_next_one_whatever_the_key_is() {
        String key = key() + " {of} a/batch";
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"key\": \"" + key + "\", \"inputs\": [1, 2]}")
                .is(201)
                .text("/id");
        String link = ledger.get("/v1/runs/key:" + LedgerClient.encoded(key) + "/items?limit=1")
                .is(200)
                .header("link");
        assertThat(link).startsWith("</v1/runs/" + run + "/items?limit=1&after=");
    }
}
