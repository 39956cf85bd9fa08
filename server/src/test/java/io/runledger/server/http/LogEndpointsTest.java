package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Logs over HTTP: added, read page by page, followed. */
@RunningLedger
@Timeout(60)
class LogEndpointsTest {

    private static final String NOBODY = "/v1/runs/01KGA0C8G0000000000000000A/logs";

    private final LedgerClient ledger;

    LogEndpointsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    private static String logs(String run) {
        return "/v1/runs/" + run + "/logs";
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"level\": \"info\", \"message\": \"m" + i + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private BufferedReader follow(String path, String... headers) {
        return new BufferedReader(new InputStreamReader(
                ledger.open(LedgerClient.with(
                        LedgerClient.with(ledger.request(path), "accept", "text/event-stream"), headers)),
                StandardCharsets.UTF_8));
    }

    /** The ids of the messages up to and with this one, or to the end of the stream. */
    private static List<Integer> ids(BufferedReader stream, int last) throws IOException {
        List<Integer> ids = new ArrayList<>();
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith("id: ")) {
                ids.add(Integer.parseInt(line.substring(4)));
                assertThat(stream.readLine()).isEqualTo("event: log");
                assertThat(stream.readLine()).startsWith("data: {\"number\":" + ids.getLast());
                if (ids.getLast() == last) {
                    break;
                }
            }
        }
        return ids;
    }

    @Test
    void lines_are_added_and_come_back_as_they_were() {
        String run = ledger.queued();
        Answer added = ledger.post(
                        logs(run),
                        "[{\"level\": \"warn\", \"message\": \"disk\\nfull\", \"at\": \"2026-01-31T12:00:00Z\","
                                + " \"fields\": {\"free\": 1.50, \"a\": null}}, {\"level\": \"trace\", \"message\": \"\"}]")
                .is(201);
        assertThat(added.body()).isEqualTo("{\"first\":0,\"lines\":2}");
        Answer page = ledger.get(logs(run)).is(200);
        assertThat(page.body())
                .startsWith("{\"data\":[{\"number\":0,\"at\":\"2026-01-31T12:00:00.000000Z\",\"level\":\"warn\","
                        + "\"message\":\"disk\\nfull\",\"fields\":{\"free\":1.50,\"a\":null}},{\"number\":1,");
        assertThat(page.json().at("/data/1/fields").isNull()).isTrue();
        assertThat(page.json().at("/has_more").asBoolean()).isFalse();
        assertThat(ledger.run(run).at("/version").asInt())
                .as("a log is no event")
                .isEqualTo(1);
    }

    @Test
    void a_log_is_read_page_by_page_forwards_and_back() {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"key\": \"logs of {a} run\"}")
                .is(201)
                .text("/id");
        String byKey = logs("key:" + LedgerClient.encoded("logs of {a} run"));
        ledger.post(byKey, lines(0, 25)).is(201);
        Answer first = ledger.get(byKey).is(200);
        assertThat(numbers(first)).isEqualTo(IntStream.range(0, 10).boxed().toList());
        Answer second = ledger.get(byKey + "?after=" + first.text("/next")).is(200);
        Answer third = ledger.get(logs(run) + "?limit=100&after=" + second.text("/next"))
                .is(200);
        assertThat(numbers(third)).isEqualTo(IntStream.range(20, 25).boxed().toList());
        assertThat(third.json().at("/next").isNull()).isTrue();
        Answer back = ledger.get(logs(run) + "?limit=3&before=" + third.text("/previous"))
                .is(200);
        assertThat(numbers(back)).containsExactly(17, 18, 19);
        assertThat(first.header("link"))
                .startsWith("</v1/runs/" + run + "/logs?")
                .contains("rel=\"next\"");
        ledger.get(logs(ledger.queued()) + "?after=" + first.text("/next")).pointsTo("after");
    }

    private static List<Integer> numbers(Answer page) {
        return page.json()
                .at("/data")
                .valueStream()
                .map(line -> line.at("/number").asInt())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | ''",
                "[] | ''",
                "[null, 1] | /0, /1",
                "[{}] | /0/level, /0/message",
                "[{\"level\": \"info\", \"message\": \"m\"}, {\"level\": \"INFO\", \"message\": 1, \"x\": 1}]"
                        + " | /1/level, /1/message, /1/x",
                "[{\"level\": \"info\", \"message\": \"m\", \"at\": \"now\"}] | /0/at",
                "[{\"level\": \"info\", \"message\": \"m\\u0000\"}] | /0/message",
                "[{\"level\": \"info\", \"message\": \"m\", \"fields\": [1]}] | /0/fields"
            })
    void bad_lines_are_told_at_once_and_nothing_is_added(String body, String pointers) {
        String run = ledger.queued();
        ledger.post(logs(run), body).pointsTo(pointers.split(", "));
        assertThat(ledger.get(logs(run)).is(200).json().at("/data")).isEmpty();
    }

    @Test
    void a_request_adds_a_thousand_lines_and_no_more() {
        String run = ledger.queued();
        ledger.post(logs(run), lines(0, 1_001)).pointsTo("");
        ledger.post(logs(run), lines(0, 1_000)).is(201);
        String longest = "{\"level\": \"info\", \"message\": \"" + "m".repeat(10_000) + "\", \"fields\": {\"f\":\""
                + "f".repeat(16_384 - 8) + "\"}}";
        ledger.post(logs(run), "[" + longest + "]").is(201);
        ledger.post(logs(run), "[" + longest.replace("f\":\"", "f\":\"f") + "]").pointsTo("/0/fields");
    }

    @Test
    void nothing_of_an_unknown_run_is_taken_or_shown() {
        ledger.post(NOBODY, lines(0, 1)).isProblem(404, "not_found");
        ledger.get(NOBODY).isProblem(404, "not_found");
        ledger.get(NOBODY, "accept", "text/event-stream").isProblem(404, "not_found");
        String run = ledger.queued();
        ledger.get(logs(run) + "?level=info&limit=0").pointsTo("level", "limit");
        ledger.get(logs(run) + "?limit=5", "accept", "text/event-stream").pointsTo("limit");
        ledger.get(logs(run), "accept", "text/event-stream", "Last-Event-ID", "x")
                .pointsTo("Last-Event-ID");
    }

    @Test
    void a_follower_gets_what_there_is_then_what_comes_until_the_run_ends() throws IOException {
        String run = ledger.running();
        ledger.post(logs(run), lines(0, 250)).is(201);
        try (BufferedReader stream = follow(logs(run))) {
            assertThat(ids(stream, 249))
                    .isEqualTo(IntStream.range(0, 250).boxed().toList());
            for (int i = 250; i < 255; i++) {
                ledger.post(logs(run), lines(i, i + 1)).is(201);
                assertThat(ids(stream, i)).containsExactly(i);
            }
            ledger.post(logs(run), lines(255, 258)).is(201);
            ledger.post("/v1/runs/" + run + "/complete", "{}").is(200);
            assertThat(ids(stream, -1)).containsExactly(255, 256, 257);
        }
        // What is logged after the end is there for whoever comes later.
        ledger.post(logs(run), lines(258, 259)).is(201);
        try (BufferedReader stream = follow(logs(run), "Last-Event-ID", "256")) {
            assertThat(ids(stream, -1)).containsExactly(257, 258);
        }
        assertThat(ledger.get(logs(run), "accept", "text/event-stream", "Last-Event-ID", "258")
                        .is(204)
                        .body())
                .isEmpty();
        JsonNode page = ledger.get(logs(run) + "?limit=100").is(200).json();
        try (BufferedReader stream =
                follow(logs(run) + "?after=" + page.at("/next").asString())) {
            assertThat(ids(stream, -1))
                    .isEqualTo(IntStream.range(100, 259).boxed().toList());
        }
    }
}
