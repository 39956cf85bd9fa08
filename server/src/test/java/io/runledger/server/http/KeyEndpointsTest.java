package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.command.work.ClaimDesk;
import io.runledger.server.access.KeyUses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Projects and keys, from making them to revoking them. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyEndpointsTest {

    private static final Duration REVOKED_WITHIN = Duration.ofSeconds(5);

    private final LedgerClient ledger;
    private final LedgerClient stranger;
    private final Clock clock;
    private final KeyUses uses;
    private final ClaimDesk desk;

    KeyEndpointsTest(@LocalServerPort int port, Clock clock, KeyUses uses, ClaimDesk desk) {
        ledger = new LedgerClient(port);
        this.clock = clock;
        this.uses = uses;
        this.desk = desk;
        ledger.post("/v1/projects", "{\"slug\": \"strangers\"}").is(201);
        stranger = ledger.withKey(ledger.newKey("strangers", "admin"));
    }

    private Answer make(String members) {
        return ledger.post("/v1/keys", "{\"name\": \"made\", " + members + "}");
    }

    @Test
    void a_project_is_found_by_id_and_by_slug() {
        Answer made =
                ledger.post("/v1/projects", "{\"slug\": \"by-id-and-slug\"}").is(201);
        assertThat(made.header("location")).isEqualTo("/v1/projects/by-id-and-slug");
        String id = made.text("/id");
        UUID sameBits = io.runledger.api.RunId.of(id).value();
        for (String reference : List.of("by-id-and-slug", id, id.toLowerCase(), sameBits.toString())) {
            assertThat(ledger.get("/v1/projects/" + reference).is(200).body()).isEqualTo(made.body());
            assertThat(make("\"role\": \"viewer\", \"project\": \"" + reference + "\"")
                            .is(201)
                            .text("/project"))
                    .isEqualTo("by-id-and-slug");
        }
        assertThat(ledger.get("/v1/keys?project=" + id).is(200).json().at("/data"))
                .hasSize(4);
        ledger.post("/v1/projects", "{\"slug\": \"by-id-and-slug\"}").isProblem(409, "conflict");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "A", "a b", "a/b", "a_b", "ä", "01kga0c8g0000000000000000a"})
    void a_slug_is_plain_and_no_id(String slug) {
        ledger.post("/v1/projects", "{\"slug\": \"" + slug + "\"}").pointsTo("/slug");
        ledger.post("/v1/projects", "{\"slug\": \"" + "a".repeat(64) + "\"}").pointsTo("/slug");
    }

    @Test
    void the_first_project_sees_all_projects_and_others_see_themselves() {
        assertThat(slugs(ledger.get("/v1/projects?limit=100"))).contains("default", "strangers");
        assertThat(slugs(stranger.get("/v1/projects"))).containsExactly("strangers");
        stranger.get("/v1/projects/strangers").is(200);
        Answer theirs = stranger.get("/v1/projects/default");
        theirs.isProblem(404, "not_found");
        assertThat(theirs.body().replace("default", "nobodys"))
                .isEqualTo(stranger.get("/v1/projects/nobodys").body());
        stranger.post("/v1/projects", "{\"slug\": \"more\"}").isProblem(403, "forbidden");
    }

    @Test
    void projects_and_keys_come_in_pages() {
        Answer first = ledger.get("/v1/projects?limit=1").is(200);
        assertThat(first.json().at("/has_more").asBoolean()).isTrue();
        Answer second =
                ledger.get("/v1/projects?limit=1&after=" + first.text("/next")).is(200);
        assertThat(slugs(second)).hasSize(1).isNotEqualTo(slugs(first));
        assertThat(slugs(ledger.get("/v1/projects?limit=1&before=" + second.text("/previous"))))
                .isEqualTo(slugs(first));
        make("\"role\": \"viewer\"").is(201);
        Answer keys = ledger.get("/v1/keys?limit=1").is(200);
        ledger.get("/v1/keys?limit=1&after=" + keys.text("/next")).is(200);
        stranger.get("/v1/keys?limit=1&after=" + keys.text("/next")).pointsTo("after");
    }

    private static List<String> slugs(Answer projects) {
        return projects.is(200)
                .json()
                .at("/data")
                .valueStream()
                .map(project -> project.at("/slug").asString())
                .toList();
    }

    @Test
    void a_key_is_shown_once_and_kept_as_a_hash() {
        Answer made = make("\"role\": \"operator\"").is(201);
        String id = made.text("/id");
        String key = made.text("/key");
        assertThat(key).matches("rl_" + id + "_[A-Za-z0-9_-]{43}");
        assertThat(made.header("cache-control")).contains("no-store");
        assertThat(made.text("/created_by")).isEqualTo("key:first");
        JsonNode listed = listed(ledger, id);
        assertThat(listed.has("key")).isFalse();
        assertThat(listed.at("/name").asString()).isEqualTo("made");
        assertThat(listed.at("/role").asString()).isEqualTo("operator");
        String rows = SharedPostgres.owner()
                .sql("select string_agg(key::text, ',') from access.api_key as key")
                .query(String.class)
                .single();
        assertThat(rows).contains(id).doesNotContain(key.substring(key.lastIndexOf(id) + id.length() + 1));
    }

    private static JsonNode listed(LedgerClient client, String id) {
        return client.get("/v1/keys?limit=100")
                .is(200)
                .json()
                .at("/data")
                .valueStream()
                .filter(key -> key.at("/id").asString().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void who_did_a_command_is_on_its_events_by_key_and_name() {
        Answer made = make("\"role\": \"operator\"").is(201);
        LedgerClient holder = ledger.withKey(made.text("/key"));
        String run = holder.queued();
        String actor = "key:" + made.text("/id") + "/made";
        assertThat(holder.run(run).at("/created_by").asString()).isEqualTo(actor);
        assertThat(holder.get("/v1/runs/" + run + "/events").is(200).json().at("/data"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.at("/actor").asString()).isEqualTo(actor));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|/name /role",
                "{'name': 'n', 'role': 'root'}|/role",
                "{'name': 'n', 'role': 'Admin'}|/role",
                "{'name': '', 'role': 'admin'}|/name",
                "{'name': 'a\\nb', 'role': 'admin'}|/name",
                "{'name': 'n', 'role': 'admin', 'project': 'nobodys'}|/project",
                "{'name': 'n', 'role': 'admin', 'expires_at': '2020-01-01T00:00:00Z'}|/expires_at",
                "{'name': 'n', 'role': 'admin', 'expires_at': 'soon'}|/expires_at",
                "{'name': 'n', 'role': 'admin', 'key': 'rl_x_y'}|/key"
            })
    void a_bad_key_is_told_all_that_is_wrong(String body, String pointers) {
        ledger.post("/v1/keys", body.replace('\'', '"')).pointsTo(pointers.split(" "));
    }

    @Test
    void another_projects_keys_are_out_of_reach() {
        String id = make("\"role\": \"viewer\"").is(201).text("/id");
        stranger.post("/v1/keys", "{\"name\": \"n\", \"role\": \"viewer\", \"project\": \"default\"}")
                .pointsTo("/project");
        stranger.get("/v1/keys?project=default").pointsTo("project");
        Answer foreign = stranger.send(stranger.request("/v1/keys/" + id).DELETE());
        foreign.isProblem(404, "not_found");
        String unknown = "01KGA0C8G0000000000000000A";
        assertThat(foreign.body().replace(id, unknown))
                .isEqualTo(stranger.send(stranger.request("/v1/keys/" + unknown).DELETE())
                        .body());
        assertThat(listed(ledger, id).at("/revoked_at").isNull()).isTrue();
        assertThat(stranger.get("/v1/keys?limit=100").body()).doesNotContain(id);
        String theirs = stranger.post("/v1/keys", "{\"name\": \"n\", \"role\": \"viewer\"}")
                .is(201)
                .text("/id");
        ledger.send(ledger.request("/v1/keys/" + theirs).DELETE()).is(204);
    }

    @Test
    void a_revoked_key_opens_nothing_from_then_on() {
        Answer made = make("\"role\": \"operator\"").is(201);
        LedgerClient holder = ledger.withKey(made.text("/key"));
        holder.get("/v1/runs").is(200);
        String path = "/v1/keys/" + made.text("/id");
        ledger.send(ledger.request(path).DELETE()).is(204);
        holder.get("/v1/runs").isProblem(401, "unauthorized");
        JsonNode once = listed(ledger, made.text("/id"));
        assertThat(once.at("/revoked_by").asString()).isEqualTo("key:first");
        ledger.send(ledger.request(path).DELETE()).is(204);
        assertThat(listed(ledger, made.text("/id"))).isEqualTo(once);
        assertThat(ledger.withKey(made.text("/key") + "x").get("/v1/runs").status())
                .isEqualTo(401);
    }

    @Test
    void a_key_opens_nothing_after_its_time() {
        String soon = clock.instant().plusSeconds(2).toString();
        LedgerClient holder = ledger.withKey(make("\"role\": \"viewer\", \"expires_at\": \"" + soon + "\"")
                .is(201)
                .text("/key"));
        holder.get("/v1/runs").is(200);
        await().untilAsserted(() -> holder.get("/v1/runs").isProblem(401, "unauthorized"));
        assertThat(clock.instant()).isAfter(soon);
    }

    @Test
    void streams_end_when_their_key_is_revoked_or_expires() throws IOException {
        String run = ledger.queued();
        for (String path : List.of("/v1/events?after=0&type=run.cancelled", "/v1/runs/" + run + "/logs")) {
            String soon = clock.instant().plusSeconds(2).toString();
            String key = make("\"role\": \"viewer\", \"expires_at\": \"" + soon + "\"")
                    .is(201)
                    .text("/key");
            try (BufferedReader stream = open(ledger.withKey(key), path)) {
                await().atMost(REVOKED_WITHIN.plusSeconds(2)).until(() -> isOver(stream));
            }
        }
        Answer revoked = make("\"role\": \"viewer\"").is(201);
        try (BufferedReader stream = open(ledger.withKey(revoked.text("/key")), "/v1/events?type=run.cancelled")) {
            ledger.send(ledger.request("/v1/keys/" + revoked.text("/id")).DELETE())
                    .is(204);
            await().atMost(REVOKED_WITHIN).until(() -> isOver(stream));
        }
    }

    private static BufferedReader open(LedgerClient client, String path) {
        return new BufferedReader(new InputStreamReader(
                client.open(client.request(path).header("accept", "text/event-stream")), StandardCharsets.UTF_8));
    }

    /** Reads what there is; the last words of a stream whose key holds no more say so. */
    private static boolean isOver(BufferedReader stream) throws IOException {
        String last = "";
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            last = line.isEmpty() ? last : line;
        }
        assertThat(last).isEqualTo(": the key holds no more");
        return true;
    }

    @Test
    void a_stream_of_commands_ends_when_its_key_is_revoked() throws IOException {
        Answer made = make("\"role\": \"worker\"").is(201);
        String line = "{\"command\": \"create\", \"target\": \"task:t\"}\n";
        try (RawConnection connection =
                new RawConnection(ledger.request("/").build().uri().getPort())) {
            connection.send(RawConnection.head(
                            "POST /v1/commands", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked")
                    .replace(LedgerClient.KEY, made.text("/key")));
            connection.chunk(line);
            assertThat(connection.status()).isEqualTo(200);
            connection.headers();
            assertThat(connection.answerChunk()).contains("run_id");
            ledger.send(ledger.request("/v1/keys/" + made.text("/id")).DELETE()).is(204);
            connection.chunk(line);
            assertThat(connection.answerChunk()).contains("unauthorized");
        }
    }

    @Test
    void a_worker_whose_key_is_revoked_while_it_waits_gets_no_run() {
        Answer made = make("\"role\": \"worker\"").is(201);
        LedgerClient worker = ledger.withKey(made.text("/key"));
        int before = desk.waiting();
        CompletableFuture<Answer> claim = CompletableFuture.supplyAsync(() -> worker.post(
                "/v1/claims",
                "{\"worker\": \"w\", \"queues\": [\"revoked\"], \"lease_seconds\": 5, \"wait_seconds\": 30}"));
        await().until(() -> desk.waiting() > before);
        ledger.send(ledger.request("/v1/keys/" + made.text("/id")).DELETE()).is(204);
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"queue\": \"revoked\"}")
                .is(201)
                .text("/id");
        claim.join().isProblem(401, "unauthorized");
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("queued");
    }

    @Test
    void when_a_key_was_used_last_is_noted_later_and_for_all_at_once() {
        Answer made = make("\"role\": \"viewer\"").is(201);
        assertThat(made.json().at("/last_used_at").isNull()).isTrue();
        ledger.withKey(made.text("/key")).get("/v1/runs").is(200);
        ledger.withKey(made.text("/key") + "x").get("/v1/runs").is(401);
        uses.write();
        assertThat(listed(ledger, made.text("/id")).at("/last_used_at").asString())
                .isGreaterThan(made.text("/created_at"));
    }

    @Test
    void keys_are_made_by_admins_only() {
        String body = "{\"name\": \"n\", \"role\": \"viewer\"}";
        for (String role : List.of("viewer", "operator", "worker")) {
            LedgerClient holder = ledger.withKey(ledger.newKey("default", role));
            holder.post("/v1/keys", body).isProblem(403, "forbidden");
            holder.get("/v1/keys").isProblem(403, "forbidden");
        }
        ledger.send(ledger.request("/v1/keys/first").PUT(BodyPublishers.ofString(body)))
                .isProblem(405, "method_not_allowed");
    }
}
