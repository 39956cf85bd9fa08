package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The worker of the examples, as a person would start it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WorkerIT {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String HARD_INPUT = "{\"n\":12345678901234567890.10,\"s\":\"a \\\"b\\\" \\\\ }]\",\"e\":[]}";

    @Test
    void the_example_does_what_is_queued_and_survives_being_killed() throws Exception {
        try (LedgerProcess ledger = LedgerProcess.named("worker-example").start()) {
            LedgerClient client = new LedgerClient(ledger);
            does_all_and_ends(ledger, client);
            an_exit_code_is_a_failed_attempt(ledger, client);
            a_cancel_ends_the_command(ledger, client);
            a_killed_worker_is_replaced(ledger, client);
        }
    }

    private void does_all_and_ends(LedgerProcess ledger, LedgerClient client) throws Exception {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ObjectNode body = LedgerClient.object().put("target", "task:echo").put("queue", "echo");
            body.set("input", LedgerClient.JSON.readTree(HARD_INPUT));
            runs.add(client.post("/v1/runs", body).id());
        }

        Process worker = worker(ledger, "--queue", "echo", "--slots", "2", "--until-empty", "--", "cat");

        String printed = new String(worker.getErrorStream().readAllBytes());
        assertThat(worker.waitFor()).as(printed).isZero();
        for (String run : runs) {
            JsonNode view = client.read("/v1/runs/" + run);
            assertThat(view.get("status").asString()).as(printed).isEqualTo("succeeded");
            assertThat(view.get("output").toString()).isEqualTo(HARD_INPUT);
            assertThat(view.get("exit_code").asInt()).isZero();
        }
    }

    private void an_exit_code_is_a_failed_attempt(LedgerProcess ledger, LedgerClient client) throws Exception {
        String run = create(client, "fails", 2);

        Process worker =
                worker(ledger, "--queue", "fails", "--until-empty", "--", "sh", "-c", "echo went wrong; exit 3");

        assertThat(worker.waitFor()).isZero();
        JsonNode view = client.read("/v1/runs/" + run);
        assertThat(view.get("status").asString()).isEqualTo("failed");
        assertThat(view.get("attempt").asInt()).isEqualTo(2);
        assertThat(view.at("/error/code").asString()).isEqualTo("exit_3");
        assertThat(view.at("/error/message").asString()).contains("went wrong");
    }

    private void a_cancel_ends_the_command(LedgerProcess ledger, LedgerClient client) throws Exception {
        String run = create(client, "endless", 1);
        Process worker =
                worker(ledger, "--queue", "endless", "--lease", "3", "--until-empty", "--", "tail", "-f", "/dev/null");
        ledger.until(() -> status(client, run).equals("running"), Duration.ofSeconds(30), "claimed");

        assertThat(client.post("/v1/runs/" + run + "/cancel", LedgerClient.object())
                        .status())
                .isEqualTo(200);

        assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(worker.getErrorStream().readAllBytes())).contains("given up");
        assertThat(status(client, run)).isEqualTo("cancelled");
    }

    private void a_killed_worker_is_replaced(LedgerProcess ledger, LedgerClient client) throws Exception {
        String run = create(client, "killed", 2);
        Process first = worker(ledger, "--queue", "killed", "--lease", "2", "--", "tail", "-f", "/dev/null");
        ledger.until(() -> status(client, run).equals("running"), Duration.ofSeconds(30), "claimed");
        first.descendants().forEach(ProcessHandle::destroyForcibly);
        first.destroyForcibly().waitFor();

        Process second = worker(ledger, "--queue", "killed", "--", "echo", "42");
        ledger.until(() -> status(client, run).equals("succeeded"), Duration.ofSeconds(30), "done by another");
        second.destroy();

        JsonNode view = client.read("/v1/runs/" + run);
        assertThat(view.get("attempt").asInt()).isEqualTo(2);
        assertThat(view.get("output").asInt()).isEqualTo(42);
    }

    private static String create(LedgerClient client, String queue, int attempts) throws IOException {
        ObjectNode body = LedgerClient.object().put("target", "task:example").put("queue", queue);
        Answer created = client.post("/v1/runs", body.put("max_attempts", attempts));
        assertThat(created.status()).isEqualTo(201);
        return created.id();
    }

    private static String status(LedgerClient client, String run) {
        return client.read("/v1/runs/" + run).get("status").asString();
    }

    private static Process worker(LedgerProcess ledger, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "examples/Worker.java",
                "--url",
                ledger.uri().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder worker = new ProcessBuilder(command).directory(ROOT.toFile());
        worker.environment().put("RUNLEDGER_API_KEY", LedgerProcess.KEY);
        return worker.start();
    }
}
