package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Bulk operations over HTTP. Each test has a queue of its own. */
@RunningLedger
class OperationEndpointsTest {

    private static final AtomicInteger QUEUES = new AtomicInteger();
    private static final Duration SOON = Duration.ofSeconds(20);

    private final LedgerClient ledger;
    private String queue;

    OperationEndpointsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeEach
    void ownQueue() {
        queue = "bulk-" + QUEUES.incrementAndGet();
    }

    private List<String> create(int count) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            runs.add(ledger.post(
                            "/v1/runs",
                            "{\"target\": \"task:t\", \"queue\": \"" + queue + "\", \"input\": " + i
                                    + ", \"labels\": {\"n\": \"" + i + "\"}}")
                    .is(201)
                    .text("/id"));
        }
        return runs;
    }

    private String body(String filter, String more) {
        return "{\"filter\": {\"queue\": \"" + queue + "\"" + filter + "}" + more + "}";
    }

    private JsonNode completed(Answer accepted) {
        String place = accepted.is(202).header("location");
        assertThat(place).isEqualTo("/v1/operations/" + accepted.text("/id"));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(ledger.get(place).is(200).text("/status")).isEqualTo("completed"));
        return ledger.get(place).json();
    }

    private String status(String run) {
        return ledger.run(run).at("/status").asString();
    }

    @Test
    void a_dry_run_counts_and_shows_some_and_does_nothing() {
        List<String> runs = create(12);

        Answer preview = ledger.post("/v1/runs/bulk/cancel", body("", ", \"dry_run\": true"))
                .is(200);

        assertThat(preview.number("/total")).isEqualTo(12);
        assertThat(preview.number("/position")).isPositive();
        assertThat(preview.json().at("/sample"))
                .hasSize(10)
                .extracting(run -> run.at("/id").asString())
                .containsExactlyElementsOf(runs.subList(0, 10));
        assertThat(preview.json().at("/sample/0").propertyNames())
                .containsExactlyInAnyOrder("id", "key", "target", "status");
        assertThat(runs).allSatisfy(run -> assertThat(status(run)).isEqualTo("queued"));
        assertThat(ledger.get("/v1/operations?limit=100").is(200).body()).doesNotContain("\"" + queue + "\"");
    }

    @Test
    void runs_are_stopped_resumed_and_cancelled_together_and_their_events_say_by_whom() {
        List<String> runs = create(5);
        String other = ledger.queued();

        JsonNode stopped = completed(ledger.post(
                "/v1/runs/bulk/stop", body("", ", \"reason\": \"maintenance\""), "X-Request-Id", "bulk-stop"));
        assertThat(stopped.at("/done").asLong()).isEqualTo(5);
        assertThat(stopped.at("/total").asLong()).isEqualTo(5);
        assertThat(stopped.at("/failed").asLong()).isZero();
        assertThat(stopped.at("/left").asLong()).isZero();
        assertThat(stopped.at("/command").asString()).isEqualTo("stop");
        assertThat(stopped.at("/filter/queue").asString()).isEqualTo(queue);
        assertThat(runs).allSatisfy(run -> {
            assertThat(status(run)).isEqualTo("stopped");
            assertThat(ledger.run(run).at("/status_reason").asString()).isEqualTo("maintenance");
            JsonNode events = ledger.get("/v1/runs/" + run + "/events").json().at("/data");
            JsonNode last = events.get(events.size() - 1);
            assertThat(last.at("/type").asString()).isEqualTo("run.stopped");
            assertThat(last.at("/actor")).isEqualTo(stopped.at("/created_by"));
            assertThat(last.at("/correlation_id").asString()).isEqualTo("bulk-stop");
        });
        assertThat(status(other)).isEqualTo("queued");

        completed(ledger.post(
                "/v1/runs/bulk/resume", body(", \"status\": \"stopped\", \"label.n\": [\"0\", \"1\"]", "")));
        assertThat(runs).extracting(this::status).containsExactly("queued", "queued", "stopped", "stopped", "stopped");

        completed(ledger.post("/v1/runs/bulk/cancel", body(", \"status\": [\"active\"]", "")));
        assertThat(runs).allSatisfy(run -> assertThat(status(run)).isEqualTo("cancelled"));
    }

    @Test
    void who_refuses_is_counted_with_the_reason() {
        List<String> runs = create(3);
        ledger.post("/v1/runs/" + runs.get(1) + "/start", "{}").is(200);
        ledger.post("/v1/runs/" + runs.get(1) + "/complete", "{}").is(200);

        JsonNode end = completed(ledger.post("/v1/runs/bulk/cancel", body("", "")));

        assertThat(end.at("/done").asLong()).isEqualTo(2);
        assertThat(end.at("/failed").asLong()).isEqualTo(1);
        JsonNode failure = end.at("/failures/0");
        assertThat(failure.at("/code").asString()).isEqualTo("invalid_transition");
        assertThat(failure.at("/runs").asLong()).isEqualTo(1);
        assertThat(failure.at("/examples/0/run_id").asString()).isEqualTo(runs.get(1));
        assertThat(failure.at("/examples/0/detail").asString()).contains("succeeded");
    }

    @Test
    void each_run_is_run_again_once_however_often_it_is_asked_for() {
        List<String> runs = create(4);
        String again = body("", ", \"command_id\": \"again-" + queue + "\"");

        Answer first = ledger.post("/v1/runs/bulk/rerun", again);
        completed(first);
        Answer second = ledger.post("/v1/runs/bulk/rerun", again).is(202);

        assertThat(second.text("/id")).isEqualTo(first.text("/id"));
        String position = ledger.post("/v1/runs", "{\"target\": \"task:t\"}").header("ledger-position");
        JsonNode all = ledger.get("/v1/runs?limit=100&order=asc&queue=" + queue, "Ledger-Position", position)
                .is(200)
                .json()
                .at("/data");
        assertThat(all).hasSize(8);
        assertThat(all.valueStream()
                        .filter(run -> !run.at("/rerun_of").isNull())
                        .map(run -> run.at("/rerun_of").asString()))
                .containsExactlyInAnyOrderElementsOf(runs);
    }

    @Test
    void an_operation_can_be_ended_and_the_list_shows_all_page_by_page() {
        create(1);
        String first = ledger.post("/v1/runs/bulk/stop", body("", "")).is(202).text("/id");
        String second = ledger.post("/v1/runs/bulk/stop", body("", "")).is(202).text("/id");

        Answer page = ledger.get("/v1/operations?limit=1").is(200);
        assertThat(page.json().at("/data")).hasSize(1);
        assertThat(page.json().at("/has_more").asBoolean()).isTrue();
        Answer next =
                ledger.get("/v1/operations?limit=1&after=" + page.text("/next")).is(200);
        assertThat(List.of(page.text("/data/0/id"), next.text("/data/0/id"))).containsExactlyInAnyOrder(first, second);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(ledger.get("/v1/operations/" + first).text("/status"))
                                .isEqualTo("completed"));
        ledger.post("/v1/operations/" + first + "/cancel", "").isProblem(409, "conflict");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "stop", "resume", "rerun"})
    void a_filter_that_means_everything_is_refused(String command) {
        String path = "/v1/runs/bulk/" + command;
        ledger.post(path, "{}").pointsTo("/filter");
        ledger.post(path, "{\"filter\": null}").pointsTo("/filter");
        ledger.post(path, "{\"filter\": {}}").pointsTo("/filter");
        ledger.post(path, "{\"filter\": {\"include\": \"tasks\"}, \"dry_run\": true}")
                .pointsTo("/filter");
        ledger.post(path, "{\"filter\": {\"stauts\": \"failed\", \"queue\": null}}")
                .pointsTo("/filter/stauts", "/filter/queue");
        ledger.post(path, "{\"filter\": {\"queue\": \"q\"}, \"dryrun\": true}").pointsTo("/dryrun");
    }

    @Test
    void a_rerun_takes_no_reason_and_nothing_else_is_done_in_bulk() {
        ledger.post("/v1/runs/bulk/rerun", body("", ", \"reason\": \"r\"")).pointsTo("/reason");
        ledger.post("/v1/runs/bulk/start", body("", "")).is(400);
        ledger.post("/v1/runs/bulk/nothing", body("", "")).is(404);
    }

    @Test
    void an_operation_that_is_not_there_is_not_found() {
        for (String id : new String[] {"01K0000000000000000000000A", "x"}) {
            ledger.get("/v1/operations/" + id).isProblem(404, "not_found");
            ledger.post("/v1/operations/" + id + "/cancel", "").isProblem(404, "not_found");
        }
        ledger.get("/v1/operations?limit=0&after=x").pointsTo("limit", "after");
        ledger.get("/v1/operations?status=running").pointsTo("status");
    }
}
