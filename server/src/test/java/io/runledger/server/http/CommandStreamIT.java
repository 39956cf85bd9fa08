package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The contract of the stream of commands. */
@RunningLedger
@Timeout(180)
class CommandStreamIT {

    private static final String HEAD =
            RawConnection.head("POST /v1/commands", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
    private static final long MIB = 1 << 20;

    private final int port;
    private final LedgerClient ledger;
    private final Events events;

    CommandStreamIT(@LocalServerPort int port, DataSource database) {
        this.port = port;
        this.ledger = new LedgerClient(port);
        this.events = new Events(database);
    }

    private static String create(String key) {
        return "{\"command\": \"create\", \"target\": \"process:stream\", \"key\": \"" + key + "\"}";
    }

    private static String command(String name, String key) {
        return "{\"command\": \"" + name + "\", \"run\": \"key:" + key + "\"}";
    }

    @Test
    void a_whole_history_goes_in_at_once() {
        List<JsonNode> answers = ledger.commands(
                create("whole"),
                "{\"command\": \"start\", \"run\": \"key:whole\", \"lease_seconds\": 60, \"command_id\": \"s\"}",
                "{\"command\": \"note\", \"run\": \"key:whole\", \"type\": \"step\", \"payload\": {\"n\": 1.10}}",
                "{\"command\": \"stop\", \"run\": \"key:whole\"}",
                "{\"command\": \"resume\", \"run\": \"key:whole\"}",
                command("start", "whole"),
                "{\"command\": \"progress\", \"run\": \"key:whole\", \"percent\": 50}",
                "{\"command\": \"add_artifact\", \"run\": \"key:whole\", \"name\": \"a\"}",
                command("finish", "whole"),
                "{\"command\": \"complete\", \"run\": \"key:whole\", \"output\": 1, \"occurred_at\": \"2020-01-01T00:00:00Z\"}");
        assertThat(answers).hasSize(10).noneMatch(answer -> answer.has("error"));
        assertThat(answers)
                .extracting(answer -> answer.at("/line").asInt())
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(answers)
                .extracting(answer -> answer.at("/run_id").asString())
                .containsOnly(answers.getFirst().at("/run_id").asString());
        assertThat(answers)
                .extracting(answer -> answer.at("/version").asInt())
                .containsExactly(1, 2, 3, 4, 6, 7, 8, 9, 10, 11);
        assertThat(answers.get(1).at("/lease_token").asString()).startsWith("2.");
        assertThat(ledger.run("key:whole").at("/status").asString()).isEqualTo("succeeded");
    }

    @Test
    void bad_lines_of_every_sort_do_not_stop_the_good_ones() {
        String deep = "{\"command\": \"create\", \"target\": \"task:t\", \"input\": " + "[".repeat(200)
                + "]".repeat(200) + "}";
        String[] bad = {
            "{",
            "x",
            "[]",
            "null",
            "1",
            "\"text\"",
            "{}",
            "{\"command\": \"dance\"}",
            "{\"command\": 1}",
            "{\"command\": \"create\"}",
            "{\"command\": \"start\"}",
            "{\"command\": \"start\", \"run\": \"x\"}",
            "{\"command\": \"start\", \"run\": 1}",
            "{\"command\": \"start\", \"run\": \"key:nobody-at-all\"}",
            "{\"command\": \"create\", \"target\": \"task:t\", \"run\": \"key:x\"}",
            "{\"command\": \"create\", \"target\": \"task:t\", \"color\": 1}",
            "{\"command\": \"create\", \"command\": \"create\", \"target\": \"task:t\"}",
            "{\"command\": \"create\", \"target\": \"task:t\"} {}",
            deep,
            create("bad-lines"),
            "{\"command\": \"complete\", \"run\": \"key:bad-lines\"}",
            "{\"command\": \"start\", \"run\": \"key:\\u0000\"}",
            "{\"command\": \"start\", \"run\": \"key:\\ud800\"}",
            "\uFEFF" + create("bom"),
            "{\"command\": \"start\", \"run\": \"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}"
        };
        StringBuilder lines = new StringBuilder(create("bad-lines")).append('\n');
        for (int i = 0; i < bad.length; i++) {
            lines.append(bad[i]).append("\r\n").append(create("good-" + i)).append("\n");
        }
        long before = events.count();
        List<JsonNode> answers = ledger.commands(lines.toString());
        assertThat(answers).hasSize(1 + 2 * bad.length);
        for (int i = 0; i < bad.length; i++) {
            JsonNode refused = answers.get(1 + 2 * i);
            assertThat(refused.at("/line").asInt()).isEqualTo(1 + 2 * i);
            assertThat(refused.at("/error/code").asString())
                    .as(bad[i])
                    .isIn("bad_request", "not_found", "key_taken", "invalid_transition");
            assertThat(refused.at("/error/status").asInt()).isBetween(400, 499);
            assertThat(answers.get(2 + 2 * i).has("version")).as(bad[i]).isTrue();
        }
        assertThat(events.count()).isEqualTo(before + 2 * (1 + bad.length));
    }

    @Test
    void a_line_that_is_not_utf_8_is_refused_alone() {
        byte[] good = (create("after-bad-bytes") + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] lines = new byte[good.length + 4];
        System.arraycopy(new byte[] {'"', (byte) 0xC3, '"', '\n'}, 0, lines, 0, 4);
        System.arraycopy(good, 0, lines, 4, good.length);
        List<String> answers = ledger.stream(BodyPublishers.ofByteArray(lines))
                .is(200)
                .body()
                .lines()
                .toList();
        assertThat(answers.get(0)).contains("bad_request");
        assertThat(answers.get(1)).contains("\"version\":1");
    }

    @Test
    void blank_lines_are_no_commands_and_the_last_line_need_not_end() {
        List<JsonNode> answers = ledger.commands("\n  \n" + create("blank-1") + "\n\r\n" + create("blank-2"));
        assertThat(answers).extracting(answer -> answer.at("/line").asInt()).containsExactly(2, 4);
        assertThat(ledger.commands("")).isEmpty();
    }

    @Test
    void with_return_minimal_only_refusals_and_a_summary_are_told() {
        Answer answer = ledger.stream(
                        BodyPublishers.ofString(create("minimal") + "\n{\n" + command("start", "minimal") + "\n"),
                        "Prefer",
                        "return=minimal")
                .is(200);
        assertThat(answer.header("preference-applied")).isEqualTo("return=minimal");
        List<JsonNode> lines = answer.body().lines().map(Answer::json).toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().at("/line").asInt()).isEqualTo(1);
        assertThat(lines.getLast()).isEqualTo(Answer.json("{\"done\": 2, \"refused\": 1}"));
    }

    @Test
    void the_same_lines_sent_again_are_answered_alike_and_write_nothing() {
        String lines = IntStream.range(0, 50)
                .mapToObj(i -> "{\"command\": \"create\", \"target\": \"task:t\", \"key\": \"twice-" + i
                        + "\", \"command_id\": \"c\"}\n" + "{\"command\": \"start\", \"run\": \"key:twice-" + i
                        + "\", \"command_id\": \"s\"}\n")
                .reduce("", String::concat);
        List<JsonNode> first = ledger.commands(lines);
        long before = events.count();
        List<JsonNode> second = ledger.commands(lines);
        assertThat(first).noneMatch(answer -> answer.has("error"));
        assertThat(second).noneMatch(answer -> answer.has("error"));
        assertThat(second)
                .extracting(answer -> answer.at("/run_id"))
                .isEqualTo(first.stream().map(answer -> answer.at("/run_id")).toList());
        assertThat(events.count()).isEqualTo(before);
    }

    @Test
    void an_answer_comes_before_the_next_line_is_sent() throws IOException {
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(HEAD);
            connection.chunk(create("duplex") + "\n");
            assertThat(connection.status()).isEqualTo(200);
            assertThat(connection.headers().get("content-type").getFirst()).startsWith("application/x-ndjson");
            assertThat(Answer.json(connection.answerChunk()).at("/version").asInt())
                    .isEqualTo(1);
            for (int i = 0; i < 20; i++) {
                connection.chunk(command(i == 0 ? "start" : "stop", i < 2 ? "duplex" : "nobody") + "\n");
                assertThat(Answer.json(connection.answerChunk()).at("/line").asInt())
                        .isEqualTo(i + 1);
            }
            connection.lastChunk();
            assertThat(connection.answerChunk()).isNull();
            connection.send(RawConnection.head("GET /v1/runs/key:duplex"));
            assertThat(connection.answer().is(200).text("/status")).isEqualTo("stopped");
        }
    }

    @Test
    void a_line_may_have_1_mib_and_no_more() {
        String fits = "{\"command\": \"create\", \"target\": \"task:t\", \"input\": \"";
        String exact = fits + "x".repeat((int) MIB - fits.length() - 2) + "\"}";
        List<JsonNode> answers = ledger.commands(exact, exact + " ", create("after-long"));
        assertThat(answers.get(0).at("/version").asInt()).isEqualTo(1);
        assertThat(answers.get(1).at("/error/code").asString()).isEqualTo("too_large");
        assertThat(answers.get(2).at("/version").asInt()).isEqualTo(1);
    }

    @Test
    void anything_but_ndjson_is_refused_before_it_is_read() {
        for (String type : new String[] {"application/json", "text/plain", "application/x-ndjson; charset=latin1"}) {
            ledger.send(ledger.request("/v1/commands")
                            .header("content-type", type)
                            .POST(BodyPublishers.ofString(create("type"))))
                    .isProblem(415, "unsupported_media_type");
        }
        ledger.stream(BodyPublishers.ofString(create("type")), "Content-Encoding", "gzip")
                .isProblem(415, "unsupported_media_type");
        ledger.stream(BodyPublishers.ofString(create("type")), "Accept", "text/html")
                .isProblem(406, "not_acceptable");
        ledger.get("/v1/runs/key:type").isProblem(404, "not_found");
    }

    @Test
    void many_thousand_lines_go_through_with_a_flat_heap() throws Exception {
        int lines = Boolean.getBoolean("runledger.thorough") ? 20_000 : 5_000;
        long before = usedHeap();
        long most = 0;
        PipedOutputStream out = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(out, 1 << 16);
        Thread writer = Thread.startVirtualThread(() -> write(out, lines));
        var request = ledger.request("/v1/commands")
                .timeout(Duration.ofMinutes(3))
                .header("content-type", "application/x-ndjson")
                .POST(BodyPublishers.ofInputStream(() -> in));
        try (var answers = new BufferedReader(new InputStreamReader(ledger.open(request), StandardCharsets.UTF_8))) {
            for (int i = 0; i < lines; i++) {
                String answer = answers.readLine();
                assertThat(answer).contains("\"line\":" + i + ",").contains("\"version\":");
                if (i % 1_000 == 999) {
                    most = Math.max(most, usedHeap());
                }
            }
            assertThat(answers.readLine()).isNull();
        }
        writer.join();
        assertThat(most - before).isLessThan(64 * MIB);
    }

    private static void write(PipedOutputStream out, int lines) {
        try (out) {
            for (int i = 0; i < lines; i++) {
                String line = i % 10 == 0
                        ? create("flat-" + i / 10)
                        : i % 10 == 1
                                ? command("start", "flat-" + i / 10)
                                : "{\"command\": \"note\", \"run\": \"key:flat-" + i / 10
                                        + "\", \"type\": \"step\", \"payload\": {\"text\": \"" + "x".repeat(500)
                                        + "\"}}";
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void a_client_that_goes_in_the_middle_leaves_whole_commands_only() throws Exception {
        int before = streamThreads();
        for (int i = 0; i < 20; i++) {
            try (RawConnection connection = new RawConnection(port)) {
                connection.send(HEAD);
                connection.chunk(create("gone-" + i) + "\n" + command("start", "gone-" + i) + "\n");
                connection.chunk("{\"command\": \"cancel\", \"run\": \"key:go");
                if (i % 2 == 0) {
                    connection.send("fff\r\nne-");
                }
                if (i % 3 == 0) {
                    assertThat(connection.status()).isEqualTo(200);
                }
                connection.abort();
            }
        }
        ledger.queued();
        for (int i = 0; i < 20; i++) {
            Answer found = ledger.get("/v1/runs/key:gone-" + i);
            if (found.status() == 200) {
                assertThat(found.text("/status")).isIn("queued", "running");
                assertThat(ledger.get("/v1/runs/key:gone-" + i + "/verify")
                                .json()
                                .at("/valid")
                                .asBoolean())
                        .isTrue();
            }
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(streamThreads()).isLessThanOrEqualTo(before));
    }

    /** Requests that the server still works on, as its own metrics tell. */
    private int streamThreads() {
        Answer metrics = ledger.get("/actuator/prometheus").is(200);
        return metrics.body()
                .lines()
                .filter(line -> line.startsWith("http_server_requests_active_seconds_count")
                        || line.startsWith("http_server_requests_active_seconds_gcount"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
