package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.Runledger;
import io.runledger.server.postgres.LocalPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** PostgreSQL goes away and comes back; the ledger says so and goes on by itself. */
@Timeout(120)
class DatabaseAwayIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final Path folder = SharedPostgres.freshFolder();
    private LocalPostgres postgres = SharedPostgres.start(folder);
    private ConfigurableApplicationContext server;
    private LedgerClient ledger;

    @BeforeEach
    void start() {
        server = SpringApplication.run(
                Runledger.class,
                "--server.port=0",
                "--runledger.api-key=" + LedgerClient.KEY,
                "--runledger.database.url=" + postgres.jdbcUrl(),
                "--runledger.database.user=" + postgres.user(),
                "--runledger.database.password=" + postgres.password(),
                "--runledger.database.connection-timeout=300ms");
        ledger = new LedgerClient(
                ((ServletWebServerApplicationContext) server).getWebServer().getPort());
    }

    @AfterEach
    void stop() {
        server.close();
        postgres.close();
    }

    private Answer open(String path) {
        return ledger.send(HttpRequest.newBuilder(ledger.request(path).build().uri()));
    }

    @Test
    void the_ledger_says_that_the_database_is_away_and_recovers_by_itself() {
        String run = ledger.running();
        assertThat(open("/actuator/health/readiness").is(200).text("/status")).isEqualTo("UP");

        postgres.close();
        open("/actuator/health/liveness").is(200);
        await().atMost(SOON)
                .untilAsserted(() -> open("/actuator/health/readiness").is(503));
        assertAway(ledger.get("/v1/runs"));
        assertAway(ledger.get("/v1/runs/" + run));
        assertAway(ledger.get("/v1/runs/key:x"));
        assertAway(ledger.get("/v1/runs/" + run + "/events"));
        assertAway(ledger.get("/v1/runs/" + run + "/verify"));
        assertAway(ledger.get("/v1/events"));
        assertAway(ledger.post("/v1/runs", "{\"target\": \"task:t\"}"));
        assertAway(ledger.post("/v1/runs/" + run + "/complete", "{}"));
        // The key with this id is not remembered, so it would have to be looked up.
        assertAway(ledger.withKey("rl_unknown_secret").get("/v1/runs"));
        Answer stream = ledger.stream(BodyPublishers.ofString("{\"command\": \"create\", \"target\": \"task:t\"}\n"));
        assertThat(stream.body()).contains("unavailable");

        postgres = SharedPostgres.start(folder);
        await().atMost(SOON)
                .untilAsserted(() -> open("/actuator/health/readiness").is(200));
        await().atMost(SOON).untilAsserted(() -> ledger.get("/v1/runs").is(200));
        Answer done = ledger.post("/v1/runs/" + run + "/complete", "{}").is(200);
        Answer list = ledger.get("/v1/runs?status=succeeded", "Ledger-Position", done.header("ledger-position"));
        assertThat(list.is(200).text("/data/0/id")).isEqualTo(run);
        assertThat(ledger.get("/v1/runs/" + run + "/verify")
                        .is(200)
                        .json()
                        .at("/valid")
                        .asBoolean())
                .isTrue();
    }

    private static void assertAway(Answer answer) {
        answer.isProblem(503, "unavailable");
        assertThat(answer.header("retry-after")).matches("\\d+");
    }
}
