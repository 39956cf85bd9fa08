package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Lists, filters, feeds and the hash chain, as clients see them. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadingTest {

    private static final int RUNS = 25;

    private final LedgerClient ledger;
    private final List<String> ids = new ArrayList<>();
    private String position;

    ReadingTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeAll
    void some_runs() {
        for (int i = 0; i < RUNS; i++) {
            String body = """
                    {"target": "task:reading-%d", "stage": "reading", "key": "reading-%d", "name": "reading %02d",
                     "priority": %d, "queue": "reading", "labels": {"batch": "%d", "odd name/ü": "x"}}""".formatted(i % 2, i, i, i, i % 5);
            ids.add(ledger.post("/v1/runs", body).is(201).text("/id"));
        }
        ledger.post("/v1/runs/" + ids.get(0) + "/start", "{\"worker\": \"reader\"}")
                .is(200);
        ledger.post("/v1/runs/" + ids.get(1) + "/start", "{}").is(200);
        String failure = "{\"error\": {\"code\": \"reading_failed\", \"message\": \"m\"}}";
        position =
                ledger.post("/v1/runs/" + ids.get(1) + "/fail", failure).is(200).header("ledger-position");
    }

    private Answer list(String query) {
        return ledger.get("/v1/runs?stage=reading&" + query, "Ledger-Position", position)
                .is(200);
    }

    private static List<String> idsOf(Answer page) {
        return page.json()
                .at("/data")
                .valueStream()
                .map(run -> run.at("/id").asString())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 25",
        "status=running, 1",
        "status=queued, 23",
        "status=active, 24",
        "status=ended, 1",
        "status=running&status=failed, 2",
        "target=task:reading-0, 13",
        "target=task:reading-0&target=task:reading-1, 25",
        "key=reading-7, 1",
        "label.batch=3, 5",
        "label.batch=3&label.batch=4, 10",
        "label.batch=3&target=task:reading-1, 3",
        "label.odd%20name/%C3%BC=x, 25",
        "label.batch=9, 0",
        "kind=task, 25",
        "kind=agent, 0",
        "mode=async, 25",
        "queue=reading, 25",
        "worker=reader, 1",
        "created_by=key:first, 25",
        "error_code=reading_failed, 1",
        "name=reading%2003, 1",
        "name=reading%200*, 10",
        "created_after=2020-01-01T00:00:00Z, 25",
        "created_before=2020-01-01T00:00:00%2B01:00, 0",
        "started_after=2020-01-01T00:00:00Z, 2",
        "finished_after=2020-01-01T00:00:00Z, 1",
        "updated_before=2020-01-01T00:00:00Z, 0"
    })
    void every_filter_picks_its_runs(String query, int expected) {
        Answer page = list(query + (query.isEmpty() ? "" : "&") + "limit=100&count=true");
        assertThat(idsOf(page)).hasSize(expected);
        assertThat(page.number("/total")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "created_at", "-created_at", "updated_at", "-updated_at", "started_at", "-started_at", "finished_at",
                        "-finished_at",
                "duration_ms", "-duration_ms", "status", "-status", "priority", "-priority", "name", "-name"
            })
    void pages_forth_and_back_show_every_run_once_in_every_order(String sort) {
        List<String> all = idsOf(list("limit=100&sort=" + sort));
        assertThat(all).containsExactlyInAnyOrderElementsOf(ids);
        List<String> forth = new ArrayList<>();
        Answer page = list("limit=7&sort=" + sort);
        assertThat(page.json().at("/previous").isNull()).isTrue();
        forth.addAll(idsOf(page));
        while (page.json().at("/has_more").asBoolean()) {
            page = list("limit=7&sort=" + sort + "&after=" + page.text("/next"));
            forth.addAll(idsOf(page));
        }
        assertThat(page.json().at("/next").isNull()).isTrue();
        assertThat(forth).isEqualTo(all);
        Answer back = list("limit=7&sort=" + sort + "&before=" + page.text("/previous"));
        assertThat(idsOf(back)).isEqualTo(all.subList(14, 21));
        assertThat(idsOf(list("limit=7&sort=" + sort + "&offset=14"))).isEqualTo(all.subList(14, 21));
    }

    @Test
    void the_default_is_ten_runs_latest_first() {
        assertThat(idsOf(list(""))).isEqualTo(ids.reversed().subList(0, 10));
        assertThat(idsOf(list("order=asc"))).isEqualTo(ids.subList(0, 10));
    }

    @Test
    void link_headers_lead_through_the_pages() {
        List<String> seen = new ArrayList<>();
        Answer page = list("limit=10&label.odd%20name/%C3%BC=x");
        seen.addAll(idsOf(page));
        while (page.json().at("/has_more").asBoolean()) {
            String next = page.header("link").split("[<>]")[1];
            page = ledger.get(next).is(200);
            seen.addAll(idsOf(page));
        }
        assertThat(seen).isEqualTo(ids.reversed());
        assertThat(page.header("link")).contains("rel=\"prev\"").doesNotContain("rel=\"next\"");
    }

    @Test
    void a_list_is_stable_while_runs_are_added() {
        Answer first = list("limit=5&queue=reading");
        ledger.post("/v1/runs", "{\"target\": \"task:reading-0\", \"stage\": \"later\", \"queue\": \"reading\"}")
                .is(201);
        Answer second = list("limit=5&queue=reading&after=" + first.text("/next"));
        assertThat(idsOf(second)).isEqualTo(ids.reversed().subList(5, 10));
    }

    @Test
    void a_list_waits_for_the_position_it_is_asked_with() {
        for (int i = 0; i < 50; i++) {
            Answer created = ledger.post("/v1/runs", "{\"target\": \"task:waited-for\", \"stage\": \"waiting\"}");
            Answer list =
                    ledger.get("/v1/runs?stage=waiting&limit=1", "Ledger-Position", created.header("ledger-position"));
            assertThat(idsOf(list)).containsExactly(created.text("/id"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "1.5", "99999999999999999999", "+1"})
    void a_position_that_is_none_is_bad_input(String wrong) {
        ledger.get("/v1/runs", "Ledger-Position", wrong).pointsTo("Ledger-Position");
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit",
        "limit=101, limit",
        "limit=x, limit",
        "limit=, limit",
        "limit=1&limit=2, limit",
        "limit=1e1, limit",
        "offset=-1, offset",
        "offset=10001, offset",
        "after=x, after",
        "before=x, before",
        "after=%00, after",
        "sort=id, sort",
        "sort=--name, sort",
        "sort=, sort",
        "order=up, order",
        "order=asc&sort=name, order",
        "status=done, status",
        "status=RUNNING, status",
        "status=, status",
        "target=task, target",
        "id=x, id",
        "created_after=yesterday, created_after",
        "created_after=2026-01-01, created_after",
        "count=yes, count",
        "color=red, color",
        "Status=queued, Status",
        "label.=x, label.",
        "label=x, label",
        "limit%20=1, 'limit '",
        "started_before=2026-13-01T00:00:00Z, started_before",
        "key=%00, key",
        "name=, name"
    })
    void wrong_parameters_are_refused_by_name(String query, String name) {
        ledger.get("/v1/runs?" + query).pointsTo(name);
    }

    @Test
    void all_wrong_parameters_are_told_at_once() {
        ledger.get("/v1/runs?limit=0&color=red&status=done&sort=x").pointsTo("limit", "color", "status", "sort");
        ledger.get("/v1/runs?after=x&before=y&offset=1").isProblem(400, "bad_request");
    }

    @Test
    void a_cursor_that_was_changed_or_belongs_to_another_query_is_refused() {
        String cursor = list("limit=5").text("/next");
        char last = cursor.charAt(cursor.length() - 1);
        String changed = cursor.substring(0, cursor.length() - 1) + (last == 'A' ? 'B' : 'A');
        ledger.get("/v1/runs?stage=reading&limit=5&after=" + changed).pointsTo("after");
        ledger.get("/v1/runs?stage=reading&limit=5&after=" + cursor + "A").pointsTo("after");
        ledger.get("/v1/runs?stage=reading&limit=5&after=" + cursor + "=").pointsTo("after");
        ledger.get("/v1/runs?stage=other&limit=5&after=" + cursor).pointsTo("after");
        ledger.get("/v1/runs?stage=reading&sort=name&after=" + cursor).pointsTo("after");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/runs/key:reading-1?x=1, x",
        "/v1/runs/key:reading-1/verify?x=1, x",
        "/v1/runs/key:reading-1/events?x=1, x",
        "/v1/runs/key:reading-1/events?after=-2, after",
        "/v1/runs/key:reading-1/events?after=x, after",
        "/v1/runs/key:reading-1/events?limit=0, limit",
        "/v1/events?limit=1001, limit",
        "/v1/events?after=-1, after",
        "/v1/events?status=done, status",
        "/v1/events?as_of=position:1, as_of",
        "/v1/events?sort=name, sort",
        "/v1/export?type=a*b, type",
        "/v1/export?what=everything, what",
        "/v1/export?as_of=position:1, as_of",
        "/v1/export?what=runs&type=run.created, type",
        "/v1/export?what=runs&after=12, after",
        "/v1/export?what=runs&after=01ARZ3NDEKTSV4RRFFQ69G5FAV, after",
        "/v1/export?what=runs&as_of=position:999999999, as_of",
        "/v1/events?type=, type"
    })
    void other_reads_refuse_wrong_parameters_too(String path, String name) {
        ledger.get(path).pointsTo(name);
    }

    @Test
    void a_runs_events_are_told_in_order() {
        Answer all = ledger.get("/v1/runs/" + ids.get(1) + "/events").is(200);
        assertThat(all.json()
                        .at("/data")
                        .valueStream()
                        .map(event -> event.at("/type").asString()))
                .containsExactly("run.created", "run.queued", "run.started", "run.failed");
        assertThat(all.json()
                        .at("/data")
                        .valueStream()
                        .map(event -> event.at("/sequence").asLong()))
                .containsExactly(0L, 1L, 2L, 3L);
        JsonNode first = all.json().at("/data/0");
        assertThat(first.propertyNames())
                .contains(
                        "id",
                        "type",
                        "version",
                        "run_id",
                        "sequence",
                        "position",
                        "occurred_at",
                        "recorded_at",
                        "actor",
                        "correlation_id",
                        "causation_id",
                        "payload",
                        "hash");
        assertThat(first.at("/payload/key").asString()).isEqualTo("reading-1");
        Answer page = ledger.get("/v1/runs/" + ids.get(1) + "/events?limit=2&after=0");
        assertThat(page.number("/data/0/sequence")).isEqualTo(1);
        assertThat(page.json().at("/has_more").asBoolean()).isTrue();
        assertThat(page.number("/next")).isEqualTo(2);
        Answer typed = ledger.get("/v1/runs/" + ids.get(1) + "/events?type=run.failed&type=run.started");
        assertThat(typed.json().at("/data")).hasSize(2);
        assertThat(ledger.get("/v1/runs/" + ids.get(1) + "/events?type=nothing")
                        .is(200)
                        .json()
                        .at("/data"))
                .isEmpty();
    }

    @Test
    void the_feed_has_every_event_once_in_order_of_position() {
        List<Long> positions = new ArrayList<>();
        List<String> names = new ArrayList<>();
        long after = 0;
        for (Answer page = feed(after); ; page = feed(after)) {
            page.json().at("/data").forEach(event -> {
                positions.add(event.at("/position").asLong());
                names.add(event.at("/run_id").asString() + event.at("/sequence").asLong());
            });
            after = page.number("/next");
            if (!page.json().at("/has_more").asBoolean()) {
                break;
            }
        }
        assertThat(positions).isSorted().doesNotHaveDuplicates();
        assertThat(names).doesNotHaveDuplicates().contains(ids.getFirst() + "0", ids.get(1) + "3");
    }

    private Answer feed(long after) {
        return ledger.get("/v1/events?limit=50&after=" + after).is(200);
    }

    @Test
    void the_chain_of_hashes_holds() {
        Answer verified = ledger.get("/v1/runs/" + ids.get(1) + "/verify").is(200);
        assertThat(verified.json().at("/valid").asBoolean()).isTrue();
        assertThat(verified.number("/events")).isEqualTo(4);
        assertThat(verified.text("/head_hash"))
                .isEqualTo(ledger.get("/v1/runs/" + ids.get(1) + "/events").text("/data/3/hash"));
    }

    @Test
    void times_in_answers_are_utc_with_a_fraction() {
        String created = ledger.run(ids.getFirst()).at("/created_at").asString();
        assertThat(created).matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z");
    }

    @Test
    void artifacts_are_listed_page_by_page_and_the_last_of_a_name_counts() {
        String run = ledger.running();
        for (String name : new String[] {"a", "b", "c", "a"}) {
            ledger.post("/v1/runs/" + run + "/artifacts", "{\"name\": \"" + name + "\", \"size\": 1}")
                    .is(200);
        }
        ledger.post("/v1/runs/" + run + "/complete", "{\"artifacts\": [{\"name\": \"a\", \"size\": 2}]}")
                .is(200);

        String path = "/v1/runs/" + run + "/artifacts";
        Answer first = ledger.get(path + "?limit=2").is(200);
        assertThat(first.json().at("/data/0").toString())
                .isEqualTo("{\"name\":\"a\",\"media_type\":null,\"url\":null,\"size\":2,\"sha256\":null}");
        assertThat(first.text("/data/1/name")).isEqualTo("b");
        assertThat(first.json().at("/has_more").asBoolean()).isTrue();
        assertThat(first.header("link")).contains("rel=\"next\"");

        Answer last = ledger.get(path + "?limit=2&after=" + first.text("/next")).is(200);
        assertThat(last.text("/data/0/name")).isEqualTo("c");
        assertThat(last.json().at("/next").isNull()).isTrue();
        assertThat(ledger.get(path + "?before=" + last.text("/previous"))
                        .is(200)
                        .json()
                        .at("/data"))
                .hasSize(2);

        ledger.get("/v1/runs/" + ledger.queued() + "/artifacts?after=" + first.text("/next"))
                .pointsTo("after");
        ledger.get(path + "?limit=101&x=1").pointsTo("limit", "x");
        ledger.get("/v1/runs/01KGA0C8G0000000000000000A/artifacts").isProblem(404, "not_found");
    }
}
