package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import io.runledger.server.http.RunningLedger;
import io.runledger.server.http.SharedPostgres;
import java.time.Instant;
import java.util.UUID;
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
        write(id, type, version);

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

        forget(id, type, version);
        project.post("/v1/projections/run/dead-letters/retry", "");
        assertThat(json(project.post(run + "/complete", "{}").body())
                        .at("/status")
                        .asString())
                .isEqualTo("succeeded");
    }

    /** As a node of a newer version would: in order, chained. */
    private void write(UUID run, String type, int version) {
        owner.sql("select sequence, hash, actor from ledger.event where run_id = ? order by sequence desc limit 1")
                .param(run)
                .query(row -> {
                    Instant now = Instant.parse("2026-01-31T12:00:00Z");
                    StoredEvent event = new StoredEvent(
                            Ulid.print(UUID.randomUUID()),
                            project.slug(),
                            new RunId(run),
                            row.getLong("sequence") + 1,
                            type,
                            version,
                            now,
                            now,
                            "key:newer",
                            null,
                            null,
                            null,
                            new Json("{\"to\":\"the moon\"}"));
                    owner.sql("""
                                    with ordered as materialized (
                                        select pg_advisory_xact_lock(8247619704435533669), pg_notify('runledger_event', ''))
                                    insert into ledger.event (id, project, run_id, sequence, type, version, payload,
                                        payload_bytes, actor, occurred_at, recorded_at, hash)
                                    select ?, ?, ?, ?, ?, ?, ?::json, 17, 'key:newer', ?::timestamptz, ?::timestamptz, ?
                                    from ordered""")
                            .params(Ulid.parse(event.id()), event.project(), run, event.sequence(), type, version)
                            .params(event.payload().text(), EventHash.time(now), EventHash.time(now))
                            .param(EventHash.next(row.getBytes("hash"), event))
                            .update();
                });
    }

    /** The same database serves other tests, for whom nothing of this has happened. */
    private void forget(UUID run, String type, int version) {
        owner.sql("alter table ledger.event disable trigger event_is_immutable").update();
        owner.sql("delete from ledger.event where run_id = ? and type = ? and version = ?")
                .params(run, type, version)
                .update();
        owner.sql("alter table ledger.event enable trigger event_is_immutable").update();
    }
}
