package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The filters of the run list on pages of events, and what is exported with them. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeedFiltersTest {

    private static final int RUNS = 24;

    private final LedgerClient ledger;
    private final List<String> ids = new ArrayList<>();
    private final Deque<Integer> stillQueued = new ArrayDeque<>(List.of(2, 5, 11));
    private long start;
    private long end;

    FeedFiltersTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeAll
    void some_runs() {
        for (int i = 0; i < RUNS; i++) {
            Answer created = ledger.post("/v1/runs", """
                    {"target": "task:feed-%d", "stage": "feeds", "key": "feeds-%d", "name": "feed %02d",
                     "queue": "%s", "labels": {"third": "%d"}, "input": {"text": "ä\u2028\\n"}}""".formatted(i % 2, i, i, i < 12 ? "feeds-a" : "feeds-b", i % 3))
                    .is(201);
            if (i == 0) {
                start = Long.parseLong(created.header("ledger-position")) - 2;
            }
            ids.add(created.text("/id"));
        }
        for (int i = 0; i < RUNS; i += 4) {
            ledger.post("/v1/runs/" + ids.get(i) + "/start", "{\"worker\": \"feeds\"}")
                    .is(200);
            String how = i % 8 == 0 ? "/complete" : "/fail";
            String body = i % 8 == 0 ? "{}" : "{\"error\": {\"code\": \"feeds\", \"message\": \"odd words\"}}";
            end = Long.parseLong(
                    ledger.post("/v1/runs/" + ids.get(i) + how, body).is(200).header("ledger-position"));
        }
    }

    private static final String[] QUERIES = {
        "status=ended",
        "status=queued&queue=feeds-a",
        "target=task:feed-1",
        "kind=task",
        "name=feed%200*",
        "label.third=1&label.third=2",
        "label.third=1&status=failed",
        "worker=feeds",
        "error_code=feeds",
        "q=odd%20wor",
        "min_duration_ms=0",
        "finished_after=2020-01-01T00:00:00Z",
        "created_before=2020-01-01T00:00:00Z",
        "key=feeds-3&key=feeds-5",
        "key=feeds-4&status=ended"
    };

    static List<String> queries() {
        return List.of(QUERIES);
    }

    @ParameterizedTest
    @MethodSource("queries")
    void a_feed_has_exactly_the_events_of_the_runs_in_the_list(String query) {
        List<String> runs = ledger.get("/v1/runs?limit=100&stage=feeds&" + query, "Ledger-Position", Long.toString(end))
                .is(200)
                .json()
                .at("/data")
                .valueStream()
                .map(run -> run.at("/id").asString())
                .toList();
        List<Long> expected = data("").stream()
                .filter(event -> runs.contains(event.at("/run_id").asString()))
                .map(event -> event.at("/position").asLong())
                .toList();
        assertThat(data("&stage=feeds&" + query))
                .extracting(event -> event.at("/position").asLong())
                .isEqualTo(expected);
        List<JsonNode> cloudEvents = ledger.get(
                        "/v1/events?limit=1000&stage=feeds&" + query + "&after=" + start,
                        "Accept",
                        "application/cloudevents-batch+json")
                .is(200)
                .json()
                .valueStream()
                .toList();
        assertThat(cloudEvents)
                .extracting(event -> Long.parseLong(event.at("/position").asString()))
                .isEqualTo(expected);
        List<JsonNode> lines = export("stage=feeds&" + query + "&after=" + start);
        assertThat(lines.subList(0, lines.size() - 1))
                .extracting(event -> event.at("/position").asLong())
                .isEqualTo(expected);
        assertThat(lines.getLast().at("/events").asInt()).isEqualTo(expected.size());
        List<JsonNode> exported = export("what=runs&stage=feeds&" + query);
        assertThat(exported.subList(0, exported.size() - 1))
                .extracting(run -> run.at("/id").asString())
                .isEqualTo(runs.reversed());
    }

    /** All events since the first run of this test that the feed has; others may have been at work too. */
    private List<JsonNode> data(String query) {
        return ledger.get("/v1/events?limit=1000&after=" + start + query)
                .is(200)
                .json()
                .at("/data")
                .valueStream()
                .toList();
    }

    private List<JsonNode> export(String query) {
        return ledger.get("/v1/export?" + query, "Accept", "application/x-ndjson")
                .is(200)
                .body()
                .lines()
                .map(Answer::json)
                .toList();
    }

    @Test
    void a_page_shows_what_was_acknowledged_before() {
        for (int i = 0; i < 30; i++) {
            Answer created = ledger.post("/v1/runs", "{\"target\": \"task:feed\", \"stage\": \"feeds-soon\"}");
            Answer page = ledger.get("/v1/events?stage=feeds-soon&type=run.created&limit=1000")
                    .is(200);
            assertThat(page.json().at("/data")).hasSize(i + 1);
            assertThat(page.text("/data/" + i + "/run_id")).isEqualTo(created.text("/id"));
        }
    }

    @Test
    void an_exported_run_is_the_run_as_the_api_shows_it() {
        List<JsonNode> lines = export("what=runs&key=feeds-4");
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).isEqualTo(ledger.run(ids.get(4)));
        assertThat(lines.getLast().at("/next").asString()).isEqualTo(ids.get(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&status=queued", "&label.third=2"})
    void an_export_of_runs_that_broke_off_goes_on_and_shows_one_moment(String query) {
        Answer whole = ledger.get("/v1/export?what=runs&stage=feeds" + query, "Accept", "application/x-ndjson")
                .is(200);
        String position = whole.header("ledger-position");
        List<JsonNode> lines = whole.body().lines().map(Answer::json).toList();
        List<JsonNode> runs = lines.subList(0, lines.size() - 1);
        assertThat(lines.getLast().at("/end").asBoolean()).isTrue();
        assertThat(lines.getLast().at("/runs").asInt()).isEqualTo(runs.size());
        assertThat(lines.getLast().at("/position").asString()).isEqualTo(position);
        // What happens later is no part of it, whether a run is new or another one changes.
        ledger.post("/v1/runs", "{\"target\": \"task:feed\", \"stage\": \"feeds\", \"key\": \"late" + query + "\"}")
                .is(201);
        String other = ledger.post(
                        "/v1/runs", "{\"target\": \"task:feed\", \"stage\": \"feeds\", \"labels\": {\"third\": \"2\"}}")
                .is(201)
                .text("/id");
        ledger.post("/v1/runs/" + ids.get(stillQueued.remove()) + "/start", "{}")
                .is(200);
        for (int known = 0; known <= runs.size(); known++) {
            String after =
                    known == 0 ? "" : "&after=" + runs.get(known - 1).at("/id").asString();
            List<JsonNode> rest = export("what=runs&stage=feeds&as_of=position:" + position + query + after);
            assertThat(rest.subList(0, rest.size() - 1)).isEqualTo(runs.subList(known, runs.size()));
            assertThat(rest.getLast().at("/next")).isEqualTo(lines.getLast().at("/next"));
        }
        ledger.get("/v1/export?what=runs&as_of=position:" + position + "&after=" + other)
                .pointsTo("after");
    }
}
