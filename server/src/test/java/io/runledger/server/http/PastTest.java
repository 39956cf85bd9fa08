package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** What was, what changed and how much there is, as clients see it. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PastTest {

    private final LedgerClient ledger;
    private String run;
    private String position;
    private List<JsonNode> events;

    PastTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeAll
    void a_run_with_a_history() {
        run = ledger.post("/v1/runs", "{\"target\": \"task:past\", \"stage\": \"past\", \"max_attempts\": 2}")
                .is(201)
                .text("/id");
        ledger.post("/v1/runs/" + run + "/start", "{\"worker\": \"w\"}").is(200);
        ledger.post("/v1/runs/" + run + "/progress", "{\"percent\": 40, \"checkpoint\": {\"page\": 4}}")
                .is(200);
        ledger.post("/v1/runs/" + run + "/fail", "{\"error\": {\"code\": \"flaky\", \"message\": \"m\"}}")
                .is(200);
        ledger.post("/v1/runs/" + run + "/start", "{}").is(200);
        position = ledger.post("/v1/runs/" + run + "/complete", "{\"output\": 1.50}")
                .is(200)
                .header("ledger-position");
        events = ledger.get("/v1/runs/" + run + "/events")
                .is(200)
                .json()
                .at("/data")
                .valueStream()
                .toList();
    }

    @Test
    void a_run_is_shown_as_it_was_after_each_of_its_events() {
        List<String> statuses = events.stream()
                .map(event -> ledger.get("/v1/runs/" + run + "?as_of="
                                + event.at("/sequence").asLong())
                        .is(200)
                        .text("/status"))
                .toList();

        assertThat(statuses)
                .containsExactly(
                        "created",
                        "queued",
                        "running",
                        "running",
                        "running",
                        "running",
                        "queued",
                        "running",
                        "succeeded");
    }

    @Test
    void a_list_shows_what_was_there_at_a_position() {
        for (JsonNode event : events) {
            String asOf = "position:" + event.at("/position").asLong();
            JsonNode listed =
                    ledger.get("/v1/runs?stage=past&as_of=" + asOf).is(200).json();
            String then =
                    ledger.get("/v1/runs/" + run + "?as_of=" + asOf).is(200).text("/status");
            assertThat(listed.at("/data/0/status").asString()).as(asOf).isEqualTo(then);
            assertThat(listed.at("/data/0/version").asLong())
                    .isEqualTo(event.at("/sequence").asLong());
        }
        long before = events.getFirst().at("/position").asLong() - 1;
        assertThat(ledger.get("/v1/runs?stage=past&as_of=position:" + before)
                        .is(200)
                        .json()
                        .at("/data"))
                .isEmpty();
    }

    @Test
    void the_history_names_the_stored_events_and_what_each_changed() {
        JsonNode history =
                ledger.get("/v1/runs/" + run + "/history").is(200).json().at("/data");

        assertThat(history.valueStream().map(change -> change.at("/type").asString()))
                .containsExactlyElementsOf(events.stream()
                        .map(event -> event.at("/type").asString())
                        .toList());
        JsonNode last = history.get(history.size() - 1);
        assertThat(last.at("/changed/status/0").asString()).isEqualTo("running");
        assertThat(last.at("/changed/status/1").asString()).isEqualTo("succeeded");
        assertThat(last.at("/state/status").asString()).isEqualTo("succeeded");
    }

    @Test
    void stats_count_by_status_and_by_group() {
        JsonNode stats = ledger.get("/v1/runs/stats?stage=past&group_by=target", "Ledger-Position", position)
                .is(200)
                .json();

        assertThat(stats.at("/total").asLong()).isEqualTo(1);
        assertThat(stats.at("/by_status/succeeded").asLong()).isEqualTo(1);
        assertThat(stats.at("/groups/0/key").asString()).isEqualTo("task:past");
        assertThat(stats.at("/duration_ms/p50").isNumber()).isTrue();
    }

    @Test
    void nonsense_about_the_past_is_refused() {
        assertThat(ledger.get("/v1/runs?as_of=yesterday").is(400).text("/errors/0/pointer"))
                .isEqualTo("as_of");
        assertThat(ledger.get("/v1/runs/" + run + "?as_of=2999-01-01T00:00:00Z")
                        .is(400)
                        .text("/errors/0/pointer"))
                .isEqualTo("as_of");
        ledger.get("/v1/runs/" + run + "/history?after=x").is(400);
        ledger.get("/v1/runs/stats?group_by=moon").is(400);
    }
}
