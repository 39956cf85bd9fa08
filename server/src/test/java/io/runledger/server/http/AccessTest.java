package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Who gets in, what others may not see, and how requests are told apart. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

    private final LedgerClient ledger;
    private final LedgerClient other;

    AccessTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
        ledger.post("/v1/projects", "{\"slug\": \"other\"}").is(201);
        other = ledger.withKey(ledger.newKey("other", "admin"));
    }

    @Test
    void either_header_carries_the_key() {
        ledger.get("/v1/runs").is(200);
        LedgerClient nobody = ledger.withKey("wrong");
        assertThat(ledger.send(java.net.http.HttpRequest.newBuilder(
                                        nobody.request("/v1/runs").build().uri())
                                .header("Authorization", "Bearer " + LedgerClient.KEY))
                        .status())
                .isEqualTo(200);
        assertThat(ledger.send(java.net.http.HttpRequest.newBuilder(
                                        nobody.request("/v1/runs").build().uri())
                                .header("Authorization", "bearer  " + LedgerClient.KEY))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/runs",
                "/v1/runs/key:x",
                "/v1/runs/key:x/events",
                "/v1/events",
                "/v1/commands",
                "/v1/definitions",
                "/v1/definitions/task/x",
                "/v1/operations",
                "/v1/runs/bulk/cancel",
                "/v1/nothing",
                "/",
                "/actuator",
                "/actuator/prometheus",
                "/actuator/info",
                "/actuator/env"
            })
    void nobody_gets_in_without_a_key(String path) {
        var uri = ledger.request(path).build().uri();
        for (String authorization :
                new String[] {"none", "Bearer wrong", "Bearer ", "Basic Zmlyc3Q6Zmlyc3Q=", "Bearer"}) {
            var request = java.net.http.HttpRequest.newBuilder(uri);
            Answer answer = ledger.send(
                    authorization.equals("none") ? request : request.header("Authorization", authorization));
            answer.isProblem(401, "unauthorized");
            assertThat(answer.header("www-authenticate")).startsWith("Bearer");
        }
        ledger.withKey("wrong").get(path).isProblem(401, "unauthorized");
        ledger.withKey("").get(path).isProblem(401, "unauthorized");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
    void health_is_open_and_says_little(String path) {
        Answer answer = ledger.send(java.net.http.HttpRequest.newBuilder(
                ledger.request(path).build().uri()));
        assertThat(answer.is(200).text("/status")).isEqualTo("UP");
        assertThat(answer.body()).doesNotContain("components");
    }

    @Test
    void a_run_of_another_project_looks_as_if_it_did_not_exist() {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:secret\", \"key\": \"theirs\"}")
                .text("/id");
        String unknown = (run.endsWith("0") ? run.substring(0, 25) + "1" : run.substring(0, 25) + "0");
        for (String path : new String[] {"", "/events", "/verify", "/artifacts", "/logs"}) {
            assertSame(other.get("/v1/runs/" + run + path), other.get("/v1/runs/" + unknown + path), run, unknown);
            assertSame(
                    other.get("/v1/runs/key:theirs" + path),
                    other.get("/v1/runs/key:nobodys" + path),
                    "theirs",
                    "nobodys");
        }
        for (String command : new String[] {"start", "cancel", "stop", "complete", "finish", "resume"}) {
            assertSame(
                    other.post("/v1/runs/" + run + "/" + command, "{}"),
                    other.post("/v1/runs/" + unknown + "/" + command, "{}"),
                    run,
                    unknown);
        }
        String lines = "[{\"level\": \"info\", \"message\": \"m\"}]";
        assertSame(
                other.post("/v1/runs/" + run + "/logs", lines),
                other.post("/v1/runs/" + unknown + "/logs", lines),
                run,
                unknown);
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(1);
        JsonNode mine = other.commands("{\"command\": \"cancel\", \"run\": \"" + run + "\"}")
                .getFirst();
        assertThat(mine.at("/error/code").asString()).isEqualTo("not_found");
    }

    private static void assertSame(Answer foreign, Answer unknown, String foreignName, String unknownName) {
        foreign.isProblem(404, "not_found");
        assertThat(foreign.body().replace(foreignName, unknownName)).isEqualTo(unknown.body());
        assertThat(foreign.headers().keySet()).isEqualTo(unknown.headers().keySet());
    }

    @Test
    void lists_and_feeds_show_the_own_project_only() {
        String theirs = ledger.queued();
        Answer mine = other.post("/v1/runs", "{\"target\": \"task:mine\", \"key\": \"theirs\"}")
                .is(201);
        String position = mine.header("ledger-position");
        Answer list =
                other.get("/v1/runs?limit=100", "Ledger-Position", position).is(200);
        assertThat(list.json().at("/data"))
                .isNotEmpty()
                .allSatisfy(run -> assertThat(run.at("/project").asString()).isEqualTo("other"));
        assertThat(other.get("/v1/runs?id=" + theirs).is(200).json().at("/data"))
                .isEmpty();
        assertThat(other.get("/v1/events").is(200).body()).contains("task:mine").doesNotContain(theirs);
        assertThat(ledger.get("/v1/events?limit=1000").is(200).body()).doesNotContain("task:mine");
    }

    @Test
    void definitions_are_those_of_the_own_project_only() {
        String path = "/v1/definitions/task/theirs-alone";
        HttpRequest.BodyPublisher schema = BodyPublishers.ofString("{\"input_schema\": false}");
        ledger.send(ledger.request(path)
                        .header("content-type", "application/json")
                        .PUT(schema))
                .is(201);
        other.get(path).isProblem(404, "not_found");
        other.send(other.request(path).DELETE()).isProblem(404, "not_found");
        assertThat(other.get("/v1/definitions").is(200).body()).doesNotContain("theirs-alone");
        other.post("/v1/runs", "{\"target\": \"task:theirs-alone\"}").is(201);
        ledger.post("/v1/runs", "{\"target\": \"task:theirs-alone\"}").pointsTo("/input");
    }

    @Test
    void an_operation_concerns_the_own_project_only() {
        String run = ledger.queued();
        String filter = "{\"filter\": {\"id\": \"" + run + "\"}";
        assertThat(other.post("/v1/runs/bulk/cancel", filter + ", \"dry_run\": true}")
                        .is(200)
                        .number("/total"))
                .isZero();
        String theirs = other.post("/v1/runs/bulk/cancel", filter + "}").is(202).text("/id");
        await().untilAsserted(
                        () -> assertThat(other.get("/v1/operations/" + theirs).text("/status"))
                                .isEqualTo("completed"));
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("queued");
        ledger.get("/v1/operations/" + theirs).isProblem(404, "not_found");
        ledger.post("/v1/operations/" + theirs + "/cancel", "").isProblem(404, "not_found");
        assertThat(ledger.get("/v1/operations?limit=100").body()).doesNotContain(theirs);
    }

    @Test
    void a_cursor_fits_no_other_project() {
        ledger.queued();
        String position = ledger.post("/v1/runs", "{\"target\": \"task:t\"}").header("ledger-position");
        String cursor = ledger.get("/v1/runs?limit=1", "Ledger-Position", position)
                .is(200)
                .text("/next");
        ledger.get("/v1/runs?limit=1&after=" + cursor).is(200);
        other.get("/v1/runs?limit=1&after=" + cursor).pointsTo("after");
    }

    @Test
    void a_request_id_is_given_back_and_kept_with_the_events() {
        Answer created = ledger.post("/v1/runs", "{\"target\": \"task:t\"}", "X-Request-Id", "order-17:a/b+c=d@e_f");
        assertThat(created.is(201).header("x-request-id")).isEqualTo("order-17:a/b+c=d@e_f");
        Answer events = ledger.get("/v1/runs/" + created.text("/id") + "/events");
        assertThat(events.json().at("/data"))
                .allSatisfy(event ->
                        assertThat(event.at("/correlation_id").asString()).isEqualTo("order-17:a/b+c=d@e_f"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with space", "<script>", "a\tb", "ä", "quote\"", "{}"})
    void a_request_id_that_could_do_harm_is_replaced(String id) {
        Answer answer = ledger.get("/v1/runs", "X-Request-Id", id).is(200);
        assertThat(answer.header("x-request-id")).isNotEqualTo(id).matches("[0-9a-f-]{36}");
    }

    @Test
    void every_answer_tells_a_known_caller_how_much_is_left() {
        for (String path : List.of("/v1/runs", "/v1/runs/key:nobody", "/v1/nothing", "/v1/runs?nothing=1")) {
            Answer answer = other.get(path);
            assertThat(answer.header("ratelimit-policy")).matches("\"(key|project)-reading\";q=\\d+;w=1");
            assertThat(answer.header("ratelimit")).matches("\"(key|project)-reading\";r=\\d+;t=1");
        }
        assertThat(other.post("/v1/runs", "{}").header("ratelimit")).startsWith("\"key-writing\";r=");
        assertThat(ledger.withKey("").get("/v1/runs").header("ratelimit")).isNull();
    }

    @Test
    void every_answer_has_a_request_id_even_without_a_key() {
        assertThat(ledger.withKey("wrong").get("/v1/runs").header("x-request-id"))
                .isNotBlank();
        assertThat(ledger.get("/v1/nothing").header("x-request-id")).isNotBlank();
        String tooLong = "x".repeat(129);
        assertThat(ledger.get("/v1/runs", "X-Request-Id", tooLong).header("x-request-id"))
                .isNotEqualTo(tooLong);
    }
}
