package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Two servers on one database: a run may be driven from both at once, and both show the same. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class TwoNodesIT {

    private static final int CLIENTS = 8;
    private static final int COMMANDS = Figures.isThorough() ? 2_000 : 400;

    /** Of one bulk operation. */
    private static final int RUNS = Figures.isThorough() ? 20_000 : 1_000;

    @TempDir
    Path data;

    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger conflicts = new AtomicInteger();

    @Test
    void the_same_runs_are_driven_from_both() throws Exception {
        try (LocalPostgres postgres = LedgerProcess.sharedPostgres(data);
                LedgerProcess one = node("node-one", postgres);
                LedgerProcess two = node("node-two", postgres)) {
            one.launch();
            two.start();
            one.until(one::isReady, Duration.ofMinutes(3), "ready");
            List<LedgerClient> nodes = List.of(new LedgerClient(one), new LedgerClient(two));
            drive(nodes);
            Ledger.audit(nodes.get(0));
            List<JsonNode> feed = Ledger.audit(nodes.get(1));
            assertThat(accepted.get()).isGreaterThanOrEqualTo(COMMANDS);
            String operation = cancelMany(two, nodes);
            long takenOver = takeOver(one, two, nodes);
            long wentOn = awaitCompletion(operation, two, nodes.get(1));
            Figures.print(
                    "two nodes: %d commands accepted, %d conflicts, %d events; view taken over from a killed node after"
                            + " %d ms; a bulk operation over %d runs that it was at had completed after %d ms",
                    accepted.get(), conflicts.get(), feed.size(), takenOver, RUNS, wentOn);
        }
    }

    static LedgerProcess node(String name, LocalPostgres postgres) {
        return LedgerProcess.named(name)
                .with("RUNLEDGER_DATABASE_URL", postgres.jdbcUrl())
                .with("RUNLEDGER_DATABASE_USER", postgres.user())
                .with("RUNLEDGER_DATABASE_PASSWORD", postgres.password());
    }

    private void drive(List<LedgerClient> nodes) throws Exception {
        String shared = begin(nodes.get(0), nodes.get(1));
        try (ExecutorService executor = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    for (int life = 0; accepted.get() < COMMANDS; life++) {
                        live(nodes.get((number + life) % 2), nodes.get((number + life + 1) % 2), shared);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private String begin(LedgerClient here, LedgerClient there) throws IOException {
        String run = accepted(here.post("/v1/runs", LedgerClient.object().put("target", "task:two-nodes")))
                .id();
        accepted(there.post("/v1/runs/" + run + "/start", LedgerClient.object()));
        return run;
    }

    /** Every command goes to the other node than the one before; one run is written to by all clients at once. */
    private void live(LedgerClient here, LedgerClient there, String shared) throws IOException {
        String run = begin(here, there);
        for (int i = 0; i < 3; i++) {
            accepted(here.post("/v1/runs/" + run + "/events", note(i)));
            Answer read = there.get("/v1/runs/" + run);
            assertThat(read.version()).as("there, what was written here").isEqualTo(3 + 2 * i);
            accepted(there.post(
                    "/v1/runs/" + run + "/progress", LedgerClient.object().put("percent", i)));
        }
        Answer raced = here.post("/v1/runs/" + shared + "/events", note(0));
        if (raced.status() == 409) {
            assertThat(raced.code()).isEqualTo("conflict");
            conflicts.incrementAndGet();
        } else {
            accepted(raced);
        }
        accepted(
                here.post("/v1/runs/" + run + "/complete", LedgerClient.object().put("output", 1)));
        Answer late = there.post("/v1/runs/" + run + "/cancel", LedgerClient.object());
        assertThat(late.status() + " " + late.body().path("run_status").asString(""))
                .isEqualTo("409 succeeded");
    }

    private static ObjectNode note(int number) {
        return LedgerClient.object().put("type", "note-" + number);
    }

    private Answer accepted(Answer answer) {
        assertThat(answer.isSuccess())
                .as("%d %s", answer.status(), answer.body())
                .isTrue();
        accepted.incrementAndGet();
        return answer;
    }

    /** Begins to cancel many runs at once; returns in the middle of it. */
    private static String cancelMany(LedgerProcess two, List<LedgerClient> nodes) throws IOException {
        ObjectNode create = LedgerClient.object().put("command", "create").put("target", "task:many");
        nodes.get(0).commands(Collections.nCopies(RUNS, create), "Prefer", "return=minimal");
        ObjectNode wish = LedgerClient.object();
        wish.putObject("filter").put("target", "task:many").put("status", "queued");
        Answer operation = nodes.get(0).post("/v1/runs/bulk/cancel", wish);
        assertThat(operation.status()).as("%s", operation.body()).isEqualTo(202);
        two.until(
                () -> nodes.get(1)
                                .read("/v1/operations/" + operation.id())
                                .get("done")
                                .asLong()
                        > 0,
                Duration.ofSeconds(30),
                "cancelling");
        return operation.id();
    }

    /** The other node finishes it, and every run was cancelled once. */
    private static long awaitCompletion(String operation, LedgerProcess two, LedgerClient client) {
        long begun = System.nanoTime();
        String path = "/v1/operations/" + operation;
        two.until(
                () -> client.read(path).get("status").asString().equals("completed"),
                Duration.ofMinutes(2),
                "through with the operation");
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        JsonNode end = client.read(path);
        assertThat(end.get("total").asLong()).as("%s", end).isEqualTo(RUNS);
        assertThat(end.get("done").asLong()).as("%s", end).isEqualTo(RUNS);
        List<String> cancelled = Ledger.audit(client).stream()
                .filter(event -> event.get("type").asString().equals("run.cancelled"))
                .filter(event -> event.get("command_id").asString("").equals(operation))
                .map(event -> event.get("run_id").asString())
                .toList();
        assertThat(cancelled).hasSize(RUNS).doesNotHaveDuplicates();
        return millis;
    }

    /** Kills one node after the other has caught up, whichever fills the view; the other then fills it alone. */
    private long takeOver(LedgerProcess one, LedgerProcess two, List<LedgerClient> nodes) throws Exception {
        one.kill9();
        long position = nodes.get(1)
                .post("/v1/runs", LedgerClient.object().put("target", "task:alone"))
                .position();
        long begun = System.nanoTime();
        two.until(
                () -> {
                    try {
                        return nodes.get(1)
                                        .get("/v1/runs", "Ledger-Position", Long.toString(position))
                                        .status()
                                == 200;
                    } catch (IOException e) {
                        return false;
                    }
                },
                Duration.ofSeconds(30),
                "filling the view alone");
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }
}
