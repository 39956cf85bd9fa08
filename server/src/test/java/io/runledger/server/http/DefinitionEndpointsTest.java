package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Definitions over HTTP, and what they do to the runs of their targets. Each test has a target of its own. */
@RunningLedger
class DefinitionEndpointsTest {

    private static final AtomicInteger TARGETS = new AtomicInteger();
    private static final String SCHEMA =
            "{\"type\": \"object\", \"required\": [\"to\"], \"additionalProperties\": false,"
                    + " \"properties\": {\"to\": {\"type\": \"string\"}, \"copies\": {\"type\": \"integer\", \"maximum\": 3}}}";

    private final LedgerClient ledger;
    private String name;
    private String path;
    private String target;

    DefinitionEndpointsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeEach
    void ownTarget() {
        name = "defined-" + TARGETS.incrementAndGet();
        path = "/v1/definitions/action/" + name;
        target = "action:" + name;
    }

    private Answer call(String method, String to, String body, String... headers) {
        return send(ledger, method, to, body, headers);
    }

    private static Answer send(LedgerClient client, String method, String to, String body, String... headers) {
        HttpRequest.Builder request = client.request(to)
                .header("content-type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return client.send(LedgerClient.with(request, headers));
    }

    private Answer put(String body, String... headers) {
        return call("PUT", path, body, headers);
    }

    private Answer create(String more) {
        return ledger.post("/v1/runs", "{\"target\": \"" + target + "\"" + more + "}");
    }

    @Test
    void a_definition_is_put_read_changed_and_taken_away() {
        ledger.get(path).isProblem(404, "not_found");
        Answer first = put("{\"input_schema\": {\"maximum\": 1.50}, \"stages\": [\"draft\"]}")
                .is(201);
        assertThat(first.header("location")).isEqualTo(path);
        assertThat(first.header("etag")).isEqualTo("\"1\"");
        Answer read = ledger.get(path).is(200);
        assertThat(read.body()).isEqualTo(first.body()).contains("\"input_schema\":{\"maximum\":1.50}");
        assertThat(read.header("etag")).isEqualTo("\"1\"");
        assertThat(read.text("/target")).isEqualTo(target);
        assertThat(read.text("/kind")).isEqualTo("action");
        assertThat(read.text("/name")).isEqualTo(name);
        assertThat(read.text("/updated_by")).startsWith("key:");

        put("{}", "If-Match", "\"7\"").isProblem(412, "version_mismatch");
        Answer second = put("{}", "If-Match", "\"1\"").is(200);
        assertThat(second.header("etag")).isEqualTo("\"2\"");
        assertThat(second.json().at("/input_schema").isNull()).isTrue();
        assertThat(second.json().at("/stages")).isEmpty();

        call("DELETE", path, null, "If-Match", "\"1\"").isProblem(412, "version_mismatch");
        assertThat(call("DELETE", path, null).is(204).body()).isEmpty();
        call("DELETE", path, null).isProblem(404, "not_found");
        ledger.get(path).isProblem(404, "not_found");
        assertThat(put("{}").is(201).header("etag")).isEqualTo("\"4\"");
    }

    @Test
    void a_bad_definition_is_refused_with_everything_that_is_wrong() {
        put("{\"input_schema\": {\"type\": \"objekt\", \"minLength\": -1}}")
                .pointsTo("/input_schema/type", "/input_schema/type", "/input_schema/minLength");
        put("{\"stages\": [], \"schema\": 1, \"defaults\": {\"priority\": 101, \"timeout\": \"soon\","
                        + " \"ttl\": \"PT1S\", \"concurrency\": {\"limit\": 0}, \"backoff\": {}}}")
                .pointsTo(
                        "/stages",
                        "/schema",
                        "/defaults/priority",
                        "/defaults/timeout",
                        "/defaults/ttl",
                        "/defaults/concurrency/limit",
                        "/defaults/backoff/initial");
        call("PUT", "/v1/definitions/job/x", "{}").pointsTo("name");
        ledger.get("/v1/definitions/job/x").pointsTo("name");
        put("[]").pointsTo("");
        ledger.get(path).isProblem(404, "not_found");
    }

    @Test
    void definitions_are_listed_page_by_page_by_kind_and_name() {
        for (String one : List.of("b/2", "a", "c@1")) {
            call("PUT", "/v1/definitions/agent/" + LedgerClient.encoded(one), "{}")
                    .is(201);
        }
        Answer page = ledger.get("/v1/definitions?limit=2").is(200);
        List<String> found = page.json()
                .at("/data")
                .valueStream()
                .map(one -> one.at("/target").asString())
                .collect(Collectors.toList());
        while (!page.json().at("/next").isNull()) {
            page = ledger.get("/v1/definitions?limit=2&after=" + page.text("/next"))
                    .is(200);
            page.json().at("/data").forEach(one -> found.add(one.at("/target").asString()));
        }
        assertThat(found).contains("agent:a", "agent:b/2", "agent:c@1").doesNotHaveDuplicates();
        assertThat(found.indexOf("agent:a")).isLessThan(found.indexOf("agent:b/2"));
        assertThat(page.json().at("/previous").isNull()).isFalse();
        ledger.get("/v1/definitions?limit=0&kind=task").pointsTo("limit", "kind");
        assertThat(ledger.get("/v1/definitions/agent/b%2F2").is(200).text("/name"))
                .isEqualTo("b/2");
    }

    @Test
    void a_run_takes_what_it_does_not_say_from_the_definition() {
        put("{\"defaults\": {\"queue\": \"mails\", \"priority\": 7, \"timeout\": \"PT5M\", \"max_attempts\": 4,"
                        + " \"backoff\": {\"initial\": \"PT1S\"}, \"concurrency\": {\"limit\": 5},"
                        + " \"labels\": {\"team\": \"web\", \"env\": \"test\"}}}")
                .is(201);
        JsonNode run = create("").is(201).json();
        assertThat(run.at("/queue").asString()).isEqualTo("mails");
        assertThat(run.at("/priority").asInt()).isEqualTo(7);
        assertThat(run.at("/timeout").asString()).isEqualTo("PT5M");
        assertThat(run.at("/max_attempts").asInt()).isEqualTo(4);
        assertThat(run.at("/backoff/initial").asString()).isEqualTo("PT1S");
        assertThat(run.at("/concurrency/key").asString()).isEqualTo(target);
        assertThat(run.at("/concurrency/limit").asInt()).isEqualTo(5);
        assertThat(run.at("/labels").toString()).isEqualTo("{\"env\":\"test\",\"team\":\"web\"}");

        JsonNode own = create(", \"queue\": \"q\", \"priority\": 0, \"timeout\": \"PT1M\", \"max_attempts\": 1,"
                        + " \"backoff\": {\"initial\": \"PT2S\"}, \"concurrency\": {\"key\": \"k\", \"limit\": 1},"
                        + " \"labels\": {\"team\": \"ops\"}")
                .is(201)
                .json();
        assertThat(own.at("/queue").asString()).isEqualTo("q");
        assertThat(own.at("/priority").asInt()).isZero();
        assertThat(own.at("/timeout").asString()).isEqualTo("PT1M");
        assertThat(own.at("/max_attempts").asInt()).isEqualTo(1);
        assertThat(own.at("/backoff/initial").asString()).isEqualTo("PT2S");
        assertThat(own.at("/concurrency/key").asString()).isEqualTo("k");
        assertThat(own.at("/labels").toString()).isEqualTo("{\"env\":\"test\",\"team\":\"ops\"}");

        String many = IntStream.range(0, 31)
                .mapToObj(label -> "\"l" + label + "\": \"v\"")
                .collect(Collectors.joining(", "));
        create(", \"labels\": {" + many + "}").pointsTo("/labels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/runs | {\"target\": \"TARGET\", \"input\": INPUT, \"stage\": \"live\", \"key\": \"NAME\"}",
                "/v1/actions/NAME/live | {\"input\": INPUT, \"stage\": \"live\"}"
            })
    void a_wrong_input_is_told_with_its_places_and_makes_no_run(String to, String body) {
        put("{\"stages\": [\"draft\"], \"input_schema\": " + SCHEMA + "}").is(201);
        String bad = body.replace("INPUT", "{\"copies\": 4, \"cc\": \"x\"}");
        ledger.post(to.replace("NAME", name), bad.replace("TARGET", target).replace("NAME", name))
                .pointsTo("/stage", "/input/to", "/input/copies", "/input/cc");
        create("").pointsTo("/input");
        String position = ledger.post("/v1/runs", "{\"target\": \"task:t\"}").header("ledger-position");
        assertThat(ledger.get("/v1/runs?target=" + target, "Ledger-Position", position)
                        .is(200)
                        .json()
                        .at("/data"))
                .isEmpty();
        ledger.get("/v1/runs/key:" + name).isProblem(404, "not_found");
        create(", \"stage\": \"draft\", \"input\": {\"to\": \"me\", \"copies\": 3}")
                .is(201);
    }

    @Test
    void a_bad_input_of_a_batch_is_told_by_its_index_and_makes_no_run() {
        put("{\"input_schema\": " + SCHEMA + "}").is(201);
        String good = "{\"to\": \"me\"}";
        create(", \"inputs\": [" + good + ", {}, " + good + ", 3]").pointsTo("/inputs/1/to", "/inputs/3");
        // Over a mebibyte, so that the inputs lie in a file meanwhile.
        String many = (good + ", ").repeat(90_000);
        create(", \"key\": \"" + name + "\", \"inputs\": [" + many + "{\"to\": 1}]")
                .pointsTo("/inputs/90000/to");
        ledger.get("/v1/runs/key:" + name).isProblem(404, "not_found");
        assertThat(create(", \"inputs\": [" + many + good + "]").is(201).number("/items/total"))
                .isEqualTo(90_001);
    }

    @Test
    void lines_reruns_and_resumes_are_judged_too() {
        String run = create(", \"input\": {\"to\": 1}").is(201).text("/id");
        ledger.post("/v1/runs/" + run + "/stop", "{}").is(200);
        put("{\"input_schema\": " + SCHEMA + "}").is(201);

        List<JsonNode> lines = ledger.commands(
                "{\"command\": \"create\", \"target\": \"" + target + "\", \"input\": {}}",
                "{\"command\": \"create\", \"target\": \"" + target + "\", \"input\": {\"to\": \"me\"}}",
                "{\"command\": \"resume\", \"run\": \"" + run + "\", \"input\": {}}");
        assertThat(lines.get(0).at("/error/errors/0/pointer").asString()).isEqualTo("/input/to");
        assertThat(lines.get(1).at("/version").asInt()).isEqualTo(1);
        assertThat(lines.get(2).at("/error/errors/0/pointer").asString()).isEqualTo("/input/to");

        ledger.post("/v1/runs/" + run + "/rerun", "{}").pointsTo("/input/to");
        ledger.post("/v1/runs/" + run + "/rerun", "{\"input\": {\"to\": \"me\"}}")
                .is(201);
        ledger.post("/v1/runs/" + run + "/resume", "{\"input\": {\"to\": 2}}").pointsTo("/input/to");
        ledger.post("/v1/runs/" + run + "/resume", "{\"input\": {\"to\": \"me\"}}")
                .is(200);
        ledger.post("/v1/runs/01KGA0C8G0000000000000000A/resume", "{\"input\": 1}")
                .isProblem(404, "not_found");
    }

    @Test
    void runs_that_bring_no_tasks_are_made_of_those_of_the_definition() {
        String tasks = "[{\"key\":\"a\",\"kind\":\"fetch\",\"input\":{\"n\":1.50},"
                + "\"next\":[{\"key\":\"b\",\"kind\":\"count\",\"if\":\"run.input.count\"}]}]";
        put("{\"tasks\": " + tasks + ", \"on_failure\": \"fail_fast\"}").is(201);
        assertThat(ledger.get(path).body()).contains("\"tasks\":" + tasks + ",\"on_failure\":\"fail_fast\"");
        put("{\"tasks\": " + tasks + ", \"on_failure\": \"fail_fast\"}", "If-Match", "\"1\"")
                .is(200);
        assertThat(ledger.get(path).header("etag")).isEqualTo("\"1\"");

        Answer run = create(", \"input\": {\"count\": true}").is(201);
        assertThat(run.json().at("/tasks"))
                .extracting(task -> task.at("/key").asString())
                .containsExactly("a", "b");
        String created =
                ledger.get(run.header("location") + "/events?type=run.created").body();
        assertThat(created).contains("\"on_failure\":\"fail_fast\"").contains("{\"n\":1.50}");
        ledger.post(run.header("location") + "/cancel", "{}").is(200);

        Answer own = create(", \"tasks\": [{\"key\": \"c\", \"kind\": \"c\"}]").is(201);
        assertThat(own.json().at("/tasks"))
                .extracting(task -> task.at("/key").asString())
                .containsExactly("c");
        ledger.post(own.header("location") + "/cancel", "{}").is(200);
        create(", \"inputs\": [1, 2], \"max_attempts\": 2").pointsTo("/inputs", "/max_attempts");

        put("{}").is(200);
        assertThat(create("").is(201).json().at("/tasks")).isEmpty();
    }

    @Test
    void tasks_of_a_definition_are_judged_when_they_are_put() {
        put("{\"tasks\": []}").pointsTo("/tasks");
        put("{\"tasks\": 7}").pointsTo("/tasks");
        put("{\"on_failure\": \"fail_fast\"}").pointsTo("/on_failure");
        put("{\"tasks\": [{\"kind\": \"a\"}], \"on_failure\": \"never\"}").pointsTo("/on_failure");
        put("{\"tasks\": [{\"kind\": \"a\", \"colour\": 1}]}").pointsTo("/tasks/0/colour");
        put("{\"defaults\": {\"max_attempts\": 3}, \"tasks\": [{\"kind\": \"a\", \"if\": \"run.\"},"
                        + " {\"kind\": \"b\", \"depends_on\": [\"c\"]}]}")
                .pointsTo("/defaults/max_attempts", "/tasks/0/if", "/tasks/1/depends_on");
        ledger.get(path).isProblem(404, "not_found");
    }

    @Test
    void a_project_may_require_definitions() {
        String project = "strict-" + TARGETS.incrementAndGet();
        ledger.post("/v1/projects", "{\"slug\": \"" + project + "\", \"require_definitions\": true}")
                .is(201);
        LedgerClient strict = ledger.withKey(ledger.newKey(project, "admin"));
        String run = "{\"target\": \"" + target + "\"}";
        String tasks = "{\"target\": \"workflow:w\", \"tasks\": [{\"key\": \"a\", \"target\": \"" + target + "\"}]}";

        strict.post("/v1/runs", run).pointsTo("/target");
        strict.post("/v1/runs", tasks).pointsTo("/target", "/tasks");
        strict.post("/v1/tasks", run).pointsTo("/target");
        strict.post("/v1/actions/" + name + "/async", "{}").isProblem(400, "bad_request");
        assertThat(strict.get("/v1/runs").is(200).json().at("/data")).isEmpty();

        send(strict, "PUT", path, "{}").is(201);
        send(strict, "PUT", "/v1/definitions/workflow/w", "{}").is(201);
        strict.post("/v1/runs", run).is(201);
        strict.post("/v1/runs", tasks).is(201);
        strict.post("/v1/tasks", run).is(201);

        send(strict, "DELETE", path, null).is(204);
        await().untilAsserted(() -> strict.post("/v1/runs", run).pointsTo("/target"));
        send(strict, "PUT", "/v1/projects/" + project, "{}").pointsTo("/require_definitions");
        send(strict, "PUT", "/v1/projects/default", "{\"require_definitions\": true}")
                .isProblem(404, "not_found");
        Answer changed = send(ledger, "PUT", "/v1/projects/" + project, "{\"require_definitions\": false}");
        assertThat(changed.is(200).json().at("/require_definitions").asBoolean(true))
                .isFalse();
        await().untilAsserted(() -> strict.post("/v1/runs", run).is(201));
    }
}
