package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import io.runledger.command.store.LedgerSchema;
import io.runledger.query.projection.ViewSchema;
import io.runledger.server.access.AccessSchema;
import io.runledger.server.http.RunningLedger;
import io.runledger.server.http.SharedPostgres;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** While nodes are being replaced, an older one meets events that only a newer one knows: it goes on beside them. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NewerEventsTest {

    private final ProjectOfTests project;
    private final JdbcClient owner = JdbcClient.create(SharedPostgres.ownersConnections());

    NewerEventsTest(@LocalServerPort int port, @Value("${runledger.api-key}") String adminKey) {
        this.project = new ProjectOfTests(port, adminKey, "newer", 10);
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    // The second and the seventh run of the project have been started, and nothing else.
    @ParameterizedTest
    @CsvSource({"r1, run.teleported, 1", "r6, run.progressed, 99"})
    void an_event_that_a_newer_node_wrote_stops_its_own_run_only(String key, String type, int version) {
        String run = "/v1/runs/key:" + key;
        UUID id = Ulid.parse(json(project.get(run).body()).at("/id").asString());
        NewerEvent newer = NewerEvent.write(owner, id, type, version);

        String next = project.post("/v1/runs", "{\"target\": \"task:next\", \"key\": \"after-%s\"}".formatted(key))
                .headers()
                .firstValue("Ledger-Position")
                .orElseThrow();
        assertThat(json(project.at(next, "/v1/runs?key=after-" + key)).at("/data"))
                .as("the view goes on")
                .hasSize(1);
        assertThat(json(project.get("/v1/projections/run/dead-letters").body()).at("/data"))
                .extracting(letter -> letter.at("/run_id").asString())
                .contains(new RunId(id).toString());
        assertThat(project.get(run + "/events").body()).contains("\"" + type + "\"");
        assertThat(json(project.get(run + "/verify").body()).at("/valid").asBoolean())
                .isTrue();
        assertThat(json(project.refused("POST", run + "/complete", "{}", 503))
                        .at("/detail")
                        .asString())
                .contains(type, "newer version");

        newer.forget();
        project.post("/v1/projections/run/dead-letters/retry", "");
        assertThat(json(project.post(run + "/complete", "{}").body())
                        .at("/status")
                        .asString())
                .isEqualTo("succeeded");
    }

    @Test
    void an_older_node_starts_on_tables_that_a_newer_one_has_brought_up_to_date() {
        List<String> histories = Stream.of("ledger", "view", "access")
                .map(schema -> schema + ".flyway_schema_history")
                .toList();
        histories.forEach(history -> owner.sql("""
                        insert into %1$s (installed_rank, version, description, type, script, checksum, installed_by,
                            execution_time, success)
                        select max(installed_rank) + 1, '999', 'newer', 'SQL', 'V999__newer.sql', 1, current_user, 1, true
                        from %1$s""".formatted(history)).update());
        try {
            LedgerSchema.migrate(SharedPostgres.ownersConnections());
            ViewSchema.migrate(SharedPostgres.ownersConnections());
            AccessSchema.migrate(SharedPostgres.ownersConnections());
            assertThat(histories)
                    .allSatisfy(history -> assertThat(owner.sql(
                                            "select version from " + history + " order by installed_rank desc limit 1")
                                    .query(String.class)
                                    .single())
                            .isEqualTo("999"));
        } finally {
            histories.forEach(history -> owner.sql("delete from " + history + " where version = '999'")
                    .update());
        }
    }
}
