package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.server.access.AuditTrail;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What admins did and who failed to come in can be looked up, and answers tell browsers to be careful. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditTest {

    private final LedgerClient ledger;
    private final AuditTrail trail;
    private final JdbcClient application;

    AuditTest(@LocalServerPort int port, AuditTrail trail, DataSource dataSource) {
        ledger = new LedgerClient(port);
        this.trail = trail;
        this.application = JdbcClient.create(dataSource);
    }

    private LedgerClient adminOf(String project) {
        ledger.post("/v1/projects", "{\"slug\": \"" + project + "\"}").is(201);
        return ledger.withKey(ledger.newKey(project, "admin"));
    }

    private static List<JsonNode> entries(LedgerClient client, String kind) {
        return client.get("/v1/audit?limit=100")
                .is(200)
                .json()
                .at("/data")
                .valueStream()
                .filter(entry -> entry.at("/kind").asString().equals(kind))
                .toList();
    }

    @Test
    void what_an_admin_did_is_there_with_who_and_how_it_was_answered() {
        LedgerClient admin = adminOf("audited");
        Answer made = admin.post("/v1/keys", "{\"name\": \"n\", \"role\": \"viewer\"}", "X-Request-Id", "audit-1")
                .is(201);
        String path = "/v1/keys/" + made.text("/id");
        admin.send(admin.request(path).DELETE()).is(204);
        admin.post("/v1/keys", "{}").is(400);
        admin.post("/v1/projects", "{\"slug\": \"not-mine\"}").is(403);
        admin.get("/v1/keys").is(200);
        admin.post("/v1/runs", "{\"target\": \"task:t\"}").is(201);
        List<JsonNode> entries = entries(admin, "admin_action");
        assertThat(entries)
                .extracting(entry ->
                        entry.at("/what").asString() + " " + entry.at("/status").asInt())
                .containsExactly(
                        "POST /v1/projects 403", "POST /v1/keys 400", "DELETE " + path + " 204", "POST /v1/keys 201");
        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.at("/project").asString()).isEqualTo("audited");
            assertThat(entry.at("/actor").asString()).startsWith("key:").endsWith("/a-admin");
            assertThat(entry.at("/remote").asString()).isNotBlank();
        });
        assertThat(entries.getLast().at("/request_id").asString()).isEqualTo("audit-1");
        Answer first = admin.get("/v1/audit?limit=1").is(200);
        assertThat(admin.get("/v1/audit?limit=1&after=" + first.text("/next"))
                        .is(200)
                        .text("/data/0/what"))
                .isEqualTo("POST /v1/keys");
        assertThat(ledger.get("/v1/audit?limit=100").body()).doesNotContain("audit-1");
    }

    @Test
    void keys_that_opened_nothing_are_counted_by_whose_they_were_and_why() {
        LedgerClient admin = adminOf("tried");
        Answer made = admin.post("/v1/keys", "{\"name\": \"tried\", \"role\": \"viewer\"}")
                .is(201);
        for (int i = 0; i < 3; i++) {
            ledger.withKey("rl_" + made.text("/id") + "_guess" + i)
                    .get("/v1/runs")
                    .is(401);
        }
        admin.send(admin.request("/v1/keys/" + made.text("/id")).DELETE()).is(204);
        ledger.withKey(made.text("/key")).get("/v1/runs").is(401);
        ledger.withKey("rl_nobodys_secret").get("/v1/runs").is(401);
        trail.write();
        List<JsonNode> failed = entries(admin, "failed_authentication").stream()
                .filter(entry -> entry.at("/actor").asString().endsWith("/tried"))
                .toList();
        assertThat(failed)
                .extracting(entry ->
                        entry.at("/what").asString() + " " + entry.at("/count").asInt())
                .containsExactlyInAnyOrder("wrong_secret 3", "revoked_key 1");
        assertThat(entries(ledger, "failed_authentication"))
                .anySatisfy(entry -> assertThat(entry.at("/what").asString()).isEqualTo("unknown_key"));
        assertThat(ledger.get("/v1/audit?limit=100").body()
                        + admin.get("/v1/audit?limit=100").body())
                .doesNotContain("guess", "nobodys_secret", made.text("/key"));
    }

    @Test
    void the_application_cannot_change_the_trail() {
        for (String sql :
                List.of("update access.audit set what = ''", "delete from access.audit", "truncate access.audit")) {
            assertThatThrownBy(() -> application.sql(sql).update())
                    .rootCause()
                    .hasMessageContaining("permission denied");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/runs",
                "/v1/runs/key:nobody",
                "/v1/nothing",
                "/v1/keys",
                "/v1/export",
                "/docs",
                "/swagger-ui/index.html",
                "/v3/api-docs",
                "/actuator/health",
                "/actuator/info"
            })
    void every_answer_tells_browsers_to_be_careful_and_nobody_what_runs_here(String path) {
        for (LedgerClient client : List.of(ledger, ledger.withKey(""))) {
            Answer answer = client.get(path);
            assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(answer.header("x-frame-options")).isEqualTo("DENY");
            assertThat(answer.header("referrer-policy")).isEqualTo("no-referrer");
            assertThat(answer.header("cross-origin-resource-policy")).isEqualTo("same-origin");
            assertThat(answer.header("content-security-policy"))
                    .startsWith("default-src 'self'")
                    .contains("frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.headers().keySet()).doesNotContain("server", "x-powered-by");
            assertThat(answer.header("cache-control")).isNotBlank();
            // Who keeps the ledger may know what it stands on.
            String told = path.equals("/actuator/health") && client == ledger ? "" : answer.body();
            // An id's letters are drawn by lot, and may be any.
            assertThat(told.replaceAll("[0-9A-HJKMNP-TV-Z]{26}", ""))
                    .doesNotContainPattern("(?i)tomcat|spring|axon|postgresql|jdk-?\\d");
        }
    }
}
