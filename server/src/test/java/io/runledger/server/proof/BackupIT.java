package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.server.CannotStart;
import io.runledger.server.Runledger;
import io.runledger.server.postgres.BackupByHand;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a backup holds is a whole ledger: as it was when the backup ended, with a record that proves itself. */
@Timeout(240)
class BackupIT {

    private static final String KEY = "the-first-key-of-the-backup";
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private static EmbeddedPostgres postgres(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
    }

    private ConfigurableApplicationContext ledger(EmbeddedPostgres postgres) {
        return SpringApplication.run(
                Runledger.class,
                "--server.port=0",
                "--runledger.data-dir=" + folder.resolve("data"),
                "--runledger.api-key=" + KEY,
                "--runledger.database.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                "--runledger.database.user=postgres",
                "--runledger.database.password=unused");
    }

    private static int port(ConfigurableApplicationContext ledger) {
        return ledger.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static JsonNode call(ConfigurableApplicationContext ledger, String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port(ledger) + path))
                .header("x-api-key", KEY)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        try {
            var answer = HTTP.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
            return JsonMapper.shared().readTree(answer.body());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void create(ConfigurableApplicationContext ledger) {
        call(ledger, "POST", "/v1/runs", "{\"target\": \"task:kept\"}");
    }

    @Test
    void a_backup_that_was_taken_under_load_is_a_whole_ledger() throws Exception {
        JsonNode kept;
        try (EmbeddedPostgres original = postgres(folder.resolve("original"));
                ConfigurableApplicationContext ledger = ledger(original)) {
            for (int i = 0; i < 50; i++) {
                create(ledger);
            }
            kept = call(ledger, "POST", "/v1/checkpoints", "");
            backUpUnderLoad(original, ledger);
            assertThat(runs(original)).isGreaterThan(50);
        }
        try (EmbeddedPostgres restored = postgres(folder.resolve("backup"))) {
            assertThat(runs(restored)).isGreaterThanOrEqualTo(50);
            try (ConfigurableApplicationContext ledger = ledger(restored)) {
                isWhole(ledger, restored, kept);
                create(ledger);
                isRebuiltEqual(ledger);
            }
            removeTheLastEvents(restored);
            // Older events under newer views.
            assertThatThrownBy(() -> ledger(restored).close())
                    .isInstanceOf(CannotStart.class)
                    .hasMessageContaining("drop schema view cascade");
            JdbcClient.create(restored.getPostgresDatabase())
                    .sql("drop schema view cascade")
                    .update();
            try (ConfigurableApplicationContext ledger = ledger(restored)) {
                isWhole(ledger, restored, kept);
            }
        }
    }

    private static void backUpUnderLoad(EmbeddedPostgres original, ConfigurableApplicationContext ledger)
            throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService client = Executors.newSingleThreadExecutor()) {
            Future<?> load = client.submit(() -> {
                while (!done.get()) {
                    create(ledger);
                }
            });
            long before = runs(original);
            await().atMost(SOON).until(() -> runs(original) > before);
            Path data = Path.of(show(original, "data_directory"));
            try (Connection session = original.getPostgresDatabase().getConnection()) {
                BackupByHand.take(session, data, data.resolveSibling("backup"));
            }
            done.set(true);
            load.get();
        }
    }

    private static String show(EmbeddedPostgres postgres, String setting) {
        return JdbcClient.create(postgres.getPostgresDatabase())
                .sql("show " + setting)
                .query(String.class)
                .single();
    }

    private static long runs(EmbeddedPostgres postgres) {
        return JdbcClient.create(postgres.getPostgresDatabase())
                .sql("select count(*) from ledger.event where sequence = 0")
                .query(Long.class)
                .single();
    }

    private static void isWhole(ConfigurableApplicationContext ledger, EmbeddedPostgres postgres, JsonNode kept) {
        JsonNode verified = call(ledger, "POST", "/v1/verify", kept.toString());
        assertThat(verified.at("/done").asBoolean()).isTrue();
        assertThat(verified.at("/valid").asBoolean()).as(verified.toString()).isTrue();
        assertThat(verified.at("/checkpoint/contained").asBoolean()).isTrue();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(call(ledger, "GET", "/v1/runs?count=true&limit=1", "")
                                .at("/total")
                                .asLong())
                        .isEqualTo(runs(postgres)));
    }

    private static void isRebuiltEqual(ConfigurableApplicationContext ledger) {
        call(ledger, "POST", "/v1/projections/run/rebuild", "");
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode last = call(ledger, "GET", "/v1/projections", "").at("/data/0/last_rebuild");
            assertThat(last.at("/status").asString()).isEqualTo("done");
            assertThat(last.at("/compared").asLong()).isPositive();
            assertThat(last.at("/differing").asLong(-1)).isZero();
        });
    }

    private static void removeTheLastEvents(EmbeddedPostgres postgres) throws SQLException {
        try (Connection owner = postgres.getPostgresDatabase().getConnection();
                Statement statement = owner.createStatement()) {
            statement.execute("alter table ledger.event disable trigger event_is_immutable");
            statement.execute("delete from ledger.event where run_id ="
                    + " (select run_id from ledger.event order by position desc limit 1)");
            statement.execute("delete from ledger.work where run_id not in (select run_id from ledger.event)");
            statement.execute("alter table ledger.event enable trigger event_is_immutable");
        }
    }
}
