package io.runledger.server.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.Runledger;
import io.runledger.server.story.Figures;
import io.runledger.server.story.Histories;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A view is built again, poisoned and audited in a running ledger, over HTTP, while a client writes and reads. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RebuildIT {

    private static final boolean THOROUGH = Figures.isThorough();
    private static final int RUNS = THOROUGH ? 250_000 : 12_500;
    private static final int OTHERS = THOROUGH ? 10_000 : 200;

    // 500 writes a second.
    private static final int STREAMED_AT_ONCE = 50;
    private static final int STREAMED_EVERY_MILLIS = 100;

    private static final Duration LONG = Duration.ofMinutes(8);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "rebuild-test-key-0123456789";
    private static final String PROJECTION = "/v1/projections/run";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path data;

    private static ConfigurableApplicationContext server;
    private static DataSource database;
    private static JdbcClient jdbc;
    private static String base;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        server = SpringApplication.run(
                Runledger.class,
                "--server.port=0",
                "--runledger.data-dir=" + data,
                "--runledger.api-key=" + KEY,
                // Looking through a large view each second would be most of the work beside a rebuild.
                "--runledger.audit.interval-seconds=" + (THOROUGH ? 8 : 1),
                "--runledger.audit.age-seconds=5");
        base = "http://localhost:" + server.getEnvironment().getProperty("local.server.port");
        database = server.getBean(DataSource.class);
        jdbc = JdbcClient.create(database);
        long start = System.nanoTime();
        Histories.fill(database, RUNS);
        say("wrote %,d events", 4L * RUNS, start);
        start = System.nanoTime();
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> state().get("lag_events").asLong() == 0);
        say("live view followed %,d events", 4L * RUNS, start);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    @Order(1)
    void a_view_is_built_again_while_clients_write_and_read() throws Exception {
        bareRead();
        insertSelect();
        rebuildBeside(false);
        rebuildBeside(true);
        assertThat(call("GET", "/v1/projections/none/dead-letters", null).statusCode())
                .isEqualTo(404);
    }

    private static void rebuildBeside(boolean streams) throws Exception {
        int generation = state().get("generation").asInt();
        AtomicBoolean done = new AtomicBoolean();
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicLong calls = new AtomicLong();
        AtomicLong memory = new AtomicLong();
        AtomicLong rate = new AtomicLong();
        AtomicLong streamed = new AtomicLong();
        try (ExecutorService client = Executors.newSingleThreadExecutor();
                ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor()) {
            var _ = client.submit(() -> writeAndRead(done, wrong, calls));
            if (streams) {
                var _ = pace.scheduleAtFixedRate(
                        () -> streamCreates(wrong, streamed), 0, STREAMED_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            }
            long start = System.nanoTime();
            assertThat(call("POST", PROJECTION + "/rebuild", "").statusCode()).isEqualTo(202);
            assertThat(call("POST", PROJECTION + "/rebuild", "").statusCode()).isEqualTo(409);
            await().atMost(LONG).pollInterval(Duration.ofMillis(100)).until(() -> {
                JsonNode under = state().get("rebuild");
                memory.accumulateAndGet(Figures.heldMemory(), Math::max);
                rate.accumulateAndGet(
                        under == null ? 0 : under.get("events_per_second").asLong(), Math::max);
                return under == null;
            });
            double seconds = (System.nanoTime() - start) / 1e9;
            done.set(true);
            pace.shutdownNow();
            say("rebuilt, to the switch, %,d events", 4L * RUNS, start);
            System.out.printf(
                    "beside %,.0f calls/s of a client and %,.0f streamed creates/s; at most %,d events/s and %d MiB of"
                            + " heap after a collection%n",
                    calls.get() / seconds, streamed.get() / seconds, rate.get(), memory.get() >> 20);
        }
        assertThat(wrong).isEmpty();
        assertThat(calls).hasPositiveValue();
        JsonNode state = state();
        assertThat(state.get("last_rebuild").get("status").asString()).isEqualTo("done");
        assertThat(state.get("last_rebuild").get("differing").asLong()).isZero();
        assertThat(state.get("generation").asInt()).isEqualTo(generation + 1);
        assertThat(unlike()).isZero();
    }

    @Test
    @Order(2)
    void a_poisoned_run_is_parked_shown_and_mended() throws Exception {
        String table = "view.run_" + state().get("generation").asInt();
        jdbc.sql("alter table " + table + " add constraint planted check (name <> 'poison') not valid")
                .update();
        JsonNode poisoned = create("poison");
        List<Long> lags = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            long created = System.nanoTime();
            String position = call("POST", "/v1/runs", "{\"target\":\"task:x\",\"name\":\"sound\"}")
                    .headers()
                    .firstValue("Ledger-Position")
                    .orElseThrow();
            assertThat(call("GET", "/v1/runs?limit=1", null, "Ledger-Position", position)
                            .statusCode())
                    .isEqualTo(200);
            lags.add((System.nanoTime() - created) / 1_000_000);
        }
        lags.sort(Long::compare);
        System.out.printf(
                "beside a poisoned run, %d others: created to listed p99 %d ms, worst %d ms%n",
                OTHERS, lags.get(OTHERS * 99 / 100), lags.getLast());
        assertThat(state().get("dead_letters").asInt()).isEqualTo(1);
        JsonNode letter = body(call("GET", PROJECTION + "/dead-letters", null))
                .get("data")
                .get(0);
        assertThat(letter.get("run_id")).isEqualTo(poisoned.get("id"));
        assertThat(letter.get("cause").asString()).contains("planted");
        JsonNode run = body(call("GET", "/v1/runs/" + poisoned.get("id").asString(), null));
        assertThat(run.get("status").asString()).isEqualTo("queued");
        HttpResponse<String> health = call("GET", "/actuator/health/readiness", null);
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(body(health).get("status").asString()).isEqualTo("DEGRADED");
        assertThat(call("GET", "/actuator/prometheus", null).body())
                .contains("runledger_view_dead_letters{view=\"run\"} 1.0");
        jdbc.sql("alter table " + table + " drop constraint planted").update();
        JsonNode mended = body(call("POST", PROJECTION + "/dead-letters/retry", ""));
        assertThat(mended.get("mended").asInt()).isEqualTo(1);
        assertThat(state().get("dead_letters").asInt()).isZero();
        assertThat(unlike()).isZero();
    }

    @Test
    @Order(3)
    void the_auditor_finds_planted_differences() throws Exception {
        await().atMost(SOON).until(() -> state().get("differences").asInt() == 0);
        jdbc.sql("delete from view.run where id = (select id from view.run order by id limit 1)")
                .update();
        jdbc.sql("update view.run set version = 1 where id = (select id from view.run order by id limit 1)")
                .update();
        jdbc.sql(
                        "update view.run set id = gen_random_uuid() where id = (select id from view.run where version = 3 order by id limit 1)")
                .update();
        await().atMost(LONG).until(() -> state().get("differences").asInt() == 4);
        assertThat(state().get("status").asString()).isEqualTo("degraded");
        assertThat(body(call("GET", "/actuator/health/readiness", null))
                        .get("status")
                        .asString())
                .isEqualTo("DEGRADED");
        assertThat(call("POST", PROJECTION + "/rebuild", "").statusCode()).isEqualTo(202);
        await().atMost(LONG).until(() -> !state().has("rebuild"));
        assertThat(state().get("last_rebuild").get("differing").asInt()).isEqualTo(4);
        await().atMost(SOON).until(() -> state().get("differences").asInt() == 0);
        assertThat(unlike()).isZero();
    }

    private static void writeAndRead(AtomicBoolean done, ConcurrentLinkedQueue<String> wrong, AtomicLong calls) {
        while (!done.get()) {
            try {
                HttpResponse<String> created =
                        call("POST", "/v1/runs", "{\"target\":\"task:beside\",\"name\":\"beside\"}");
                String position =
                        created.headers().firstValue("Ledger-Position").orElseThrow();
                HttpResponse<String> listed = call("GET", "/v1/runs?limit=20", null, "Ledger-Position", position);
                if (created.statusCode() != 201 || listed.statusCode() != 200) {
                    wrong.add(created.body() + listed.body());
                } else if (isMissing(body(created), body(listed).get("data"))) {
                    wrong.add("not listed at " + position + ": " + body(created).get("id"));
                }
                calls.addAndGet(2);
            } catch (Exception e) {
                wrong.add(e.toString());
            }
        }
    }

    private static void streamCreates(ConcurrentLinkedQueue<String> wrong, AtomicLong streamed) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/v1/commands"))
                    .headers("x-api-key", KEY, "Content-Type", "application/x-ndjson", "Prefer", "return=minimal")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"command\":\"create\",\"target\":\"task:streamed\"}\n".repeat(STREAMED_AT_ONCE)))
                    .build();
            String answer =
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
            if (answer.lines().count() != 1
                    || JSON.readTree(answer).get("refused").asInt() != 0) {
                wrong.add(answer);
            }
            streamed.addAndGet(STREAMED_AT_ONCE);
        } catch (IOException e) {
            wrong.add(e.toString());
        } catch (InterruptedException _) {
            // The rebuild is over.
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a run is not on the first page; one that later runs have pushed off the page meanwhile is not missing. */
    private static boolean isMissing(JsonNode run, JsonNode page) {
        for (JsonNode listed : page) {
            if (listed.get("id").equals(run.get("id"))) {
                return false;
            }
        }
        String last = page.get(page.size() - 1).get("created_at").asString();
        return last.compareTo(run.get("created_at").asString()) < 0;
    }

    private static void bareRead() throws Exception {
        long start = System.nanoTime();
        long events = 0;
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local statement_timeout = 0");
            statement.setFetchSize(5_000);
            try (ResultSet rows = statement.executeQuery("select * from ledger.event order by position")) {
                while (rows.next()) {
                    events += rows.getString("payload").isEmpty() ? 0 : 1;
                }
            }
            connection.rollback();
        }
        say("read bare %,d events", events, start);
    }

    private static void insertSelect() throws Exception {
        long start = System.nanoTime();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local statement_timeout = 0");
            statement.execute(
                    "create table view.bare as select run_id, max(sequence) as version, max(position) as position,"
                            + " (array_agg(type order by sequence desc))[1] as type, min(recorded_at) as created_at,"
                            + " (array_agg(payload order by sequence))[1] as payload from ledger.event group by run_id");
            statement.execute("alter table view.bare add primary key (run_id)");
            connection.rollback();
        }
        say("set-based insert of %,d events", 4L * RUNS, start);
    }

    /** How many runs are not what their events come to, told by SQL alone. */
    private static long unlike() {
        await().atMost(SOON).until(() -> state().get("lag_events").asLong() == 0);
        return jdbc.sql("""
                        select count(*) from view.run full join (
                            select run_id as id, max(sequence) as version, max(position) as position,
                                max(recorded_at) as updated_at, min(recorded_at) as created_at,
                                max(occurred_at) filter (where type = 'run.started') as started_at,
                                max(payload ->> 'name') filter (where type = 'run.created') as name,
                                max((payload -> 'output')::text) filter (where type = 'run.succeeded') as output,
                                substr((array_agg(type order by sequence desc))[1], 5) as status
                            from ledger.event group by run_id) as folded using (id)
                        where (run.version, run.position, run.updated_at, run.created_at, run.started_at, run.name,
                                run.output, case run.status when 'running' then 'started' else run.status end)
                            is distinct from (folded.version, folded.position, folded.updated_at, folded.created_at,
                                folded.started_at, folded.name, folded.output, folded.status)""").query(Long.class).single();
    }

    private static JsonNode create(String name) throws Exception {
        HttpResponse<String> created = call("POST", "/v1/runs", "{\"target\":\"task:x\",\"name\":\"" + name + "\"}");
        assertThat(created.statusCode()).isEqualTo(201);
        return body(created);
    }

    private static JsonNode state() {
        try {
            return body(call("GET", "/v1/projections", null)).get("data").get(0);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode body(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> call(String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).header("x-api-key", KEY);
        if (headers.length > 0) {
            request.headers(headers);
        }
        if (body != null && !body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return HTTP.send(
                request.method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void say(String what, long events, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        System.out.printf(what + ": %.1f s, %,.0f events/s%n", events, seconds, events / seconds);
    }
}
