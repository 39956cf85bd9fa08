package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.runledger.api.RunId;
import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.proof.NewerEvent;
import io.runledger.server.story.HistoryCheck.Result;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The server of an earlier build and this one on one database (T), under load all the while: this one comes beside it, both
 * work, the earlier one comes back alone, both work again, the earlier one goes.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class UpgradeIT {

    private static final String EARLIER = System.getProperty("runledger.earlier-jar", "");
    private static final long SEED = Long.getLong("runledger.seed", 20_261_123);
    private static final int CLIENTS = 3;

    /** Commands between one step of the story and the next. */
    private static final int MORE = Figures.isThorough() ? 1_000 : 200;

    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String LETTERS = "/v1/projections/run/dead-letters";

    @TempDir
    Path data;

    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<LedgerProcess> serving = List.of();
    private String key = "";

    @Test
    void an_earlier_build_and_this_one_work_side_by_side() throws Exception {
        assumeFalse(
                EARLIER.isEmpty(),
                "left out: -Drunledger.earlier-jar=FILE names no server of an earlier build (see CONTRIBUTING.md)");
        // Making its archive beside the load would take minutes.
        UnpackedServer.program();
        try (LocalPostgres postgres = LocalPostgres.start(data, Path.of("target", "postgres-programs"));
                LedgerProcess earlier = TwoNodesIT.node("earlier", postgres).program(List.of("-jar", EARLIER));
                LedgerProcess newer = TwoNodesIT.node("newer", postgres)) {
            serve(earlier.start());
            key = adminOf("across");
            across(earlier, earlier, "alone");
            Workload workload = new Workload(new LedgerClient(this::next, LedgerProcess.KEY), SEED, MORE).throughout();
            workload.run(CLIENTS, load -> upgrade(load, earlier, newer, owner(postgres)));

            Result result = HistoryCheck.check(workload.history(), Ledger.audit(new LedgerClient(newer)));
            assertThat(workload.unknown()).as("the stops were felt").isPositive();
            assertThat(verified(new LedgerClient(newer::uri, key)).get("valid").asBoolean())
                    .isTrue();
            Figures.print(
                    "T: two builds: %d commands acknowledged, 0 lost, 0 doubled; %d answers were 503, conflict or did not"
                            + " come, no other was refused (seed %d)",
                    result.acknowledged(), workload.unknown(), SEED);
        }
    }

    private void upgrade(Workload load, LedgerProcess earlier, LedgerProcess newer, JdbcClient owner) throws Exception {
        more(load, earlier);
        newer.start();
        across(earlier, newer, "up");
        across(newer, earlier, "up-too");
        serve(earlier, newer);
        more(load, newer);
        NewerEvent unknown = closesItsRunOnly(earlier, newer, owner);

        // Back again, and nobody there who knows more.
        serve(earlier);
        assertThat(newer.stop()).isIn(0, 143);
        restart(earlier);
        across(earlier, earlier, "back");
        goesOnBeside(unknown, new LedgerClient(earlier::uri, key));
        more(load, earlier);

        serve(earlier, newer.start());
        across(earlier, newer, "again");
        across(newer, earlier, "again-too");
        more(load, newer);
        assertThat(earlier.stop()).isIn(0, 143);
        more(load, newer);
        serve(newer);
        unknown.forget();
        LedgerClient client = new LedgerClient(newer::uri, key);
        assertThat(client.post(LETTERS + "/retry", LedgerClient.object()).status())
                .isEqualTo(200);
        assertThat(client.read(LETTERS).get("data")).isEmpty();
    }

    /** The load goes to these from here on, to each in turn. */
    private void serve(LedgerProcess... nodes) {
        serving = List.of(nodes);
    }

    private URI next() {
        List<LedgerProcess> nodes = serving;
        return nodes.get(Math.floorMod(turn.getAndIncrement(), nodes.size())).uri();
    }

    private static void restart(LedgerProcess node) {
        node.stop();
        node.start();
    }

    private static void more(Workload load, LedgerProcess node) {
        int wanted = load.acknowledged() + MORE;
        node.until(() -> load.acknowledged() >= wanted, LONG, "under load, seed " + SEED);
    }

    private String adminOf(String project) throws IOException {
        LedgerClient client = new LedgerClient(this::next, LedgerProcess.KEY);
        client.post("/v1/projects", LedgerClient.object().put("slug", project));
        ObjectNode wish = LedgerClient.object().put("name", "upgrade").put("role", "admin");
        return client.post("/v1/keys", wish.put("project", project))
                .body()
                .get("key")
                .asString();
    }

    private void across(LedgerProcess here, LedgerProcess there, String name) throws IOException {
        LedgerClient one = new LedgerClient(here::uri, key);
        LedgerClient other = new LedgerClient(there::uri, key);
        List<String> runs = new AcrossNodes(one, other, name).all();
        assertThat(runs).isNotEmpty();
        for (String run : runs) {
            assertThat(one.read("/v1/runs/" + run + "/verify").get("valid").asBoolean())
                    .isTrue();
        }
        List<JsonNode> told = one.feed();
        List<JsonNode> toldByOther = other.feed();
        assertThat(told).hasSameSizeAs(toldByOther);
        for (int i = 0; i < told.size(); i++) {
            assertThat(AcrossNodes.differences("", told.get(i), toldByOther.get(i)))
                    .as("%s and %s", told.get(i), toldByOther.get(i))
                    .isEmpty();
        }
        Figures.print(
                "T: %s: %d runs begun on one node and ended on the other, %d events the same on both",
                name, runs.size(), told.size());
    }

    private static JsonNode verified(LedgerClient client) {
        JsonNode page = client.read("/v1/verify");
        while (!page.get("done").asBoolean()) {
            page = client.read("/v1/verify?after=" + page.get("next").asString());
        }
        return page;
    }

    private static JdbcClient owner(LocalPostgres postgres) {
        PGSimpleDataSource owner = new PGSimpleDataSource();
        owner.setUrl(postgres.jdbcUrl());
        owner.setUser(postgres.user());
        owner.setPassword(postgres.password());
        return JdbcClient.create(owner);
    }

    /** As long as nobody can read a run, nobody decides about it; everything else goes on. */
    private NewerEvent closesItsRunOnly(LedgerProcess earlier, LedgerProcess newer, JdbcClient owner)
            throws IOException {
        LedgerClient here = new LedgerClient(earlier::uri, key);
        String run = here.post("/v1/runs", LedgerClient.object().put("target", "task:teleported"))
                .id();
        NewerEvent unknown =
                NewerEvent.write(owner, Objects.requireNonNull(RunId.parse(run)).value(), "run.teleported", 1);
        goesOnBeside(unknown, here);
        goesOnBeside(unknown, new LedgerClient(newer::uri, key));
        return unknown;
    }

    private static void goesOnBeside(NewerEvent unknown, LedgerClient node) throws IOException {
        String run = "/v1/runs/" + new RunId(unknown.run());
        assertThat(node.post(run + "/cancel", LedgerClient.object()).status()).isEqualTo(503);
        assertThat(node.eventsOf(new RunId(unknown.run()).toString()))
                .last()
                .satisfies(event -> assertThat(event.get("type").asString()).isEqualTo(unknown.type()));
        assertThat(node.read(run + "/verify").get("valid").asBoolean()).isTrue();
        long position = node.post("/v1/runs", LedgerClient.object().put("target", "task:beside"))
                .position();
        assertThat(node.count("&target=task:beside", position)).isPositive();
    }
}
