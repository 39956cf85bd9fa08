package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.access.Role;
import io.runledger.server.http.PublishedApi.Call;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Every call of the published description with every kind of key: what the table of roles says is what happens. A new
 * endpoint fails here until the table knows it; until then nobody can call it.
 */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessMatrixTest {

    /** A parameter that no call has: who is let in is told so, and nothing is carried out. */
    private static final String HARMLESS = "?nobody_has_this=1";

    private static final String CANARY = "canary-7f3a";

    /** What names something that belongs to no project, or is made by naming it. */
    private static final Set<String> NAMED_BY_CALLER = Set.of(
            "POST /v1/actions/{name}/live",
            "POST /v1/actions/{name}/async",
            "POST /v1/actions/{name}/schedule",
            "PUT /v1/definitions/{kind}/{name}");

    private final LedgerClient ledger;
    private final LedgerClient stranger;
    private final PublishedApi api;
    private final Clock clock;
    private final String run;
    private final String operation;

    AccessMatrixTest(@LocalServerPort int port, Clock clock) {
        ledger = new LedgerClient(port);
        this.clock = clock;
        api = new PublishedApi(ledger);
        ledger.post("/v1/projects", "{\"slug\": \"matrix\"}").is(201);
        stranger = ledger.withKey(ledger.newKey("matrix", "admin"));
        String body = """
                {"target": "task:canary-7f3a", "key": "canary-7f3a", "name": "canary-7f3a", "queue": "canary-7f3a",
                 "labels": {"canary-7f3a": "canary-7f3a"}, "input": "canary-7f3a"}""";
        run = ledger.post("/v1/runs", body).is(201).text("/id");
        ledger.queued();
        String filter = "{\"filter\": {\"id\": \"%s\", \"status\": \"failed\"}}".formatted(run);
        operation = ledger.post("/v1/runs/bulk/resume", filter).is(202).text("/id");
        put("/v1/definitions/action/canary-7f3a", "{\"stages\": [\"canary-7f3a\"]}")
                .is(201);
    }

    private Answer put(String path, String body) {
        return ledger.send(
                ledger.request(path).header("content-type", "application/json").PUT(BodyPublishers.ofString(body)));
    }

    private static Answer send(LedgerClient client, Call call, String path, String body) {
        HttpRequest.Builder request = client.request(path);
        if (call.method().equals("POST") || !call.contentType().isEmpty()) {
            request.header("content-type", call.contentType().isEmpty() ? "application/json" : call.contentType());
        }
        return client.send(request.method(call.method(), BodyPublishers.ofString(body)));
    }

    @Test
    void the_table_has_every_call_and_no_other() {
        List<String> table = Arrays.stream(Role.values())
                .flatMap(role -> role.calls().stream())
                .filter(call -> call.path().startsWith("/v1/"))
                .map(Object::toString)
                .toList();
        assertThat(api.calls()).extracting(Call::toString).containsExactlyInAnyOrderElementsOf(table);
    }

    @Test
    void every_call_says_which_role_it_needs() {
        Map<String, String> published = new TreeMap<>();
        api.calls()
                .forEach(call -> published.put(
                        call.toString(), call.description().at("/x-role").asString()));
        for (Role role : Role.values()) {
            role.calls().stream()
                    .filter(call -> call.path().startsWith("/v1/"))
                    .forEach(call -> assertThat(published.get(call.toString()))
                            .as(call.toString())
                            .isEqualTo(role.wireName()));
        }
    }

    @Test
    void every_role_may_what_the_table_says_and_nothing_else() {
        SoftAssertions all = new SoftAssertions();
        int cells = 0;
        for (Role role : Role.values()) {
            for (String project : List.of("default", "matrix")) {
                LedgerClient holder = ledger.withKey(ledger.newKey(project, role.wireName()));
                for (Role needed : Role.values()) {
                    for (var call : needed.calls()) {
                        boolean may = role.includes(needed) && (!call.ofLedger() || project.equals("default"));
                        Answer answer = call(holder, call.method().name(), call.path());
                        cells++;
                        String cell = role + " of " + project + ": " + call + ": " + answer.status();
                        if (!may) {
                            all.assertThat(answer.status()).as(cell).isEqualTo(403);
                            all.assertThatCode(() -> answer.isProblem(403, "forbidden"))
                                    .as(cell)
                                    .doesNotThrowAnyException();
                        } else if (call.path().startsWith("/v1/")) {
                            all.assertThat(answer.status()).as(cell).isIn(400, 404);
                        } else {
                            all.assertThat(answer.status()).as(cell).isEqualTo(200);
                        }
                    }
                }
            }
        }
        all.assertAll();
        System.out.printf("who may do what: %d cells%n", cells);
    }

    private Answer call(LedgerClient holder, String method, String path) {
        Call call = api.calls().stream()
                .filter(one -> one.method().equals(method) && one.path().equals(path))
                .findFirst()
                .orElse(null);
        return call == null ? holder.get(path) : send(holder, call, withIds(path, run) + HARMLESS, api.body(call));
    }

    /** The path with these values in the places of its variables. */
    private String withIds(String path, String runId) {
        return path.replace("/v1/runs/{id}", "/v1/runs/" + runId)
                .replace("/v1/tasks/{id}", "/v1/tasks/" + runId)
                .replace("/v1/operations/{id}", "/v1/operations/" + operation)
                .replace("/v1/keys/{id}", "/v1/keys/first")
                .replace("{project}", "default")
                .replace("/v1/projections/{name}", "/v1/projections/run")
                .replace("{kind}/{name}", "action/" + CANARY)
                .replace("{name}", CANARY);
    }

    @Test
    void without_a_key_that_holds_every_call_is_answered_the_same() {
        String soon = clock.instant().plusSeconds(1).toString();
        String expired = ledger.post(
                        "/v1/keys", "{\"name\": \"n\", \"role\": \"admin\", \"expires_at\": \"" + soon + "\"}")
                .is(201)
                .text("/key");
        Answer revoked = ledger.post("/v1/keys", "{\"name\": \"n\", \"role\": \"admin\"}")
                .is(201);
        ledger.withKey(revoked.text("/key")).get("/v1/runs").is(200);
        ledger.send(ledger.request("/v1/keys/" + revoked.text("/id")).DELETE()).is(204);
        await().until(() -> ledger.withKey(expired).get("/v1/runs").status() == 401);
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("none", "");
        keys.put("wrong", "rl_first_wrong");
        keys.put("of nobody", "rl_01KGA0C8G0000000000000000A_wrong");
        keys.put("revoked", revoked.text("/key"));
        keys.put("expired", expired);
        SoftAssertions all = new SoftAssertions();
        for (Call call : api.calls()) {
            String path = withIds(call.path(), run);
            List<String> bodies = new ArrayList<>();
            keys.forEach((kind, key) -> {
                Answer answer = send(ledger.withKey(key), call, path, api.body(call));
                all.assertThatCode(() -> answer.isProblem(401, "unauthorized"))
                        .as(call + " with a key: " + kind)
                        .doesNotThrowAnyException();
                bodies.add(answer.body());
            });
            all.assertThat(Set.copyOf(bodies)).as(call.toString()).hasSize(1);
        }
        all.assertAll();
    }

    @Test
    void what_belongs_to_another_project_does_not_exist() {
        SoftAssertions all = new SoftAssertions();
        String unknown = "01KGA0C8G0000000000000000A";
        int cells = 0;
        for (Call call : api.calls()) {
            if (!call.hasVariables()
                    || call.path().startsWith("/v1/projections/")
                    || NAMED_BY_CALLER.contains(call.toString())) {
                continue;
            }
            String body = api.body(call);
            for (String theirs : call.path().startsWith("/v1/runs/") ? List.of(run, "key:" + CANARY) : List.of(run)) {
                String path = withIds(call.path(), theirs);
                assertThat(path)
                        .as("a variable that this test knows no value of")
                        .doesNotContain("{");
                String nobodys = path.replace(run, unknown)
                        .replace(operation, unknown)
                        .replace(CANARY, "nobodys")
                        .replace("/first", "/" + unknown)
                        .replace("/default", "/nobodys");
                Answer foreign = send(stranger, call, path, body);
                Answer none = send(stranger, call, nobodys, body);
                cells++;
                all.assertThatCode(() -> foreign.isProblem(404, "not_found"))
                        .as(call + " of another project: " + foreign.status() + " " + foreign.body())
                        .doesNotThrowAnyException();
                all.assertThat(foreign.body()
                                .replace(theirs, theirs.startsWith("key:") ? "key:nobodys" : unknown)
                                .replace(operation, unknown)
                                .replace(CANARY, "nobodys")
                                .replace("first", unknown)
                                .replace("default", "nobodys"))
                        .as(call.toString())
                        .isEqualTo(none.body());
                all.assertThat(foreign.headers().keySet())
                        .as(call.toString())
                        .isEqualTo(none.headers().keySet());
            }
        }
        all.assertAll();
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(1);
        System.out.printf("another project's ids: %d cells%n", cells);
    }

    /** A stream cannot be looked through to its end: it is read up to the stranger's own event, which comes last. */
    @Test
    void no_stream_shows_another_project() throws IOException {
        stranger.get("/v1/runs/" + run + "/events", "accept", "text/event-stream")
                .isProblem(404, "not_found");
        stranger.get("/v1/runs/" + run + "/logs", "accept", "text/event-stream").isProblem(404, "not_found");
        stranger.get("/v1/runs/" + run + "/events?include=tasks", "accept", "text/event-stream")
                .isProblem(404, "not_found");
        for (String filter : List.of("", "&queue=" + CANARY, "&label." + CANARY + "=" + CANARY)) {
            HttpRequest.Builder follow =
                    stranger.request("/v1/events?after=0" + filter).header("accept", "text/event-stream");
            try (BufferedReader stream =
                    new BufferedReader(new InputStreamReader(stranger.open(follow), StandardCharsets.UTF_8))) {
                String theirs = CANARY + "-" + UUID.randomUUID();
                String body = "{\"target\": \"task:%s\", \"queue\": \"%s\", \"labels\": {\"%s\": \"%s\"}}";
                ledger.post("/v1/runs", body.formatted(theirs, CANARY, CANARY, CANARY))
                        .is(201);
                String own = "own-" + UUID.randomUUID();
                stranger.post("/v1/runs", body.formatted(own, CANARY, CANARY, CANARY))
                        .is(201);
                String line = stream.readLine();
                while (!line.contains(own)) {
                    assertThat(line).as(filter).doesNotContain("task:" + CANARY).doesNotContain(run);
                    line = stream.readLine();
                }
            }
        }
    }

    /** How long a stranger waits tells nothing of whether another project has the run. */
    @Test
    void the_wait_for_the_404_is_the_same_for_what_others_have_and_for_what_nobody_has() {
        List<Long> foreign = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            foreign.add(nanos("/v1/runs/" + run));
            unknown.add(nanos("/v1/runs/01KGA0C8G0000000000000000A"));
        }
        foreign.sort(null);
        unknown.sort(null);
        System.out.printf(
                "N1: 404 for another project's run: median %d us, for nobody's: %d us%n",
                foreign.get(100) / 1_000, unknown.get(100) / 1_000);
    }

    private long nanos(String path) {
        long begun = System.nanoTime();
        stranger.get(path).isProblem(404, "not_found");
        return System.nanoTime() - begun;
    }

    @Test
    void no_body_leads_into_another_project() {
        stranger.post("/v1/runs", "{\"target\": \"task:t\", \"depends_on\": [\"" + run + "\"]}")
                .pointsTo("/depends_on/0");
        stranger.post("/v1/runs", "{\"target\": \"task:t\", \"key\": \"" + CANARY + "\"}")
                .is(201);
        String claim = "{\"worker\": \"w\", \"queues\": [\"%s\"], \"targets\": [\"task:%s\"], \"lease_seconds\": 5}";
        assertThat(stranger.post("/v1/claims", claim.formatted(CANARY, CANARY))
                        .is(200)
                        .json()
                        .at("/claims"))
                .isEmpty();
        for (String filter :
                List.of("\"id\": \"" + run + "\"", "\"created_by\": \"key:first\"", "\"queue\": \"" + CANARY + "\"")) {
            assertThat(stranger.post("/v1/runs/bulk/cancel", "{\"filter\": {" + filter + "}, \"dry_run\": true}")
                            .is(200)
                            .body())
                    .contains("\"total\":0")
                    .doesNotContain(run);
        }
        for (String command : List.of("cancel", "start", "note", "complete")) {
            String line = "{\"command\": \"%s\", \"run\": \"%s\", \"type\": \"t\", \"payload\": 1}"
                    .formatted(command, run)
                    .replace(command.equals("note") ? "\u0000" : ", \"type\": \"t\", \"payload\": 1", "");
            assertThat(stranger.commands(line).getFirst().at("/error/code").asString())
                    .isEqualTo("not_found");
        }
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(1);
    }

    /** A controller that nobody has put into the table: planted here, closed to the ledger's own admin. */
    @Test
    void an_endpoint_without_a_line_in_the_table_is_closed(
            @org.springframework.beans.factory.annotation.Autowired
                    RequestMappingHandlerMapping requestMappingHandlerMapping)
            throws NoSuchMethodException {
        var mapping = org.springframework.web.servlet.mvc.method.RequestMappingInfo.paths("/v1/forgotten")
                .options(requestMappingHandlerMapping.getBuilderConfiguration())
                .build();
        requestMappingHandlerMapping.registerMapping(
                mapping, new Forgotten(), Forgotten.class.getDeclaredMethod("answer"));
        try {
            ledger.get("/v1/forgotten").isProblem(404, "not_found");
            ledger.post("/v1/forgotten", "{}").isProblem(404, "not_found");
            ledger.withKey("").get("/v1/forgotten").isProblem(401, "unauthorized");
        } finally {
            requestMappingHandlerMapping.unregisterMapping(mapping);
        }
    }

    /** Would answer anybody. */
    static final class Forgotten {

        @org.springframework.web.bind.annotation.ResponseBody
        public String answer() {
            return CANARY;
        }
    }
}
