package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/**
 * The disk of the ledger's own PostgreSQL is full (E): commands are refused, what was acknowledged stays, and when there is
 * room again the ledger goes on by itself. Needs a disk of its own, which only root can make.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DiskFullIT {

    private static final String SIZE = "256m";
    private static final Path DISK = Path.of("target", "stories", "small-disk").toAbsolutePath();
    private static final Duration RECOVERED_WITHIN = Duration.ofSeconds(30);
    private static final Duration REFUSED_WITHIN = Duration.ofSeconds(60);
    private static final int REFUSALS = 5;

    private final Map<String, String> acknowledged = new TreeMap<>();
    private final Map<Integer, Integer> refused = new TreeMap<>();

    @Test
    void when_there_is_room_again_the_ledger_goes_on_and_has_lost_nothing() throws Exception {
        Files.createDirectories(DISK);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", DISK.toString()) == 0,
                "E is left out: only root can make the small disk that it needs");
        try (LedgerProcess ledger = LedgerProcess.named("disk-full")
                .with("RUNLEDGER_DATA_DIR", DISK.resolve("data").toString())
                .start()) {
            LedgerClient client = new LedgerClient(ledger);
            assertThat(create(client, "before").status()).isEqualTo(201);

            Path filler = DISK.resolve("filler");
            fill(filler);
            ledger.until(() -> isRefused(client), REFUSED_WITHIN, "refusing what has no room");

            long begun = System.nanoTime();
            Files.delete(filler);
            ledger.until(
                    () -> create(client, "after-" + System.nanoTime()).status() == 201, RECOVERED_WITHIN, "going on");
            ledger.until(ledger::isReady, RECOVERED_WITHIN, "ready again");
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

            acknowledged.forEach((key, id) -> assertThat(
                            client.read("/v1/runs/key:" + key).get("id").asString())
                    .as(key)
                    .isEqualTo(id));
            Ledger.audit(client);
            Figures.print(
                    "E: disk full, %d creates acknowledged, 0 lost; refused while full: %s; well again %d ms after there was room",
                    acknowledged.size(), refused, millis);
        } finally {
            assertThat(run("umount", "--lazy", DISK.toString())).isZero();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Takes all the room there is. */
    private static void fill(Path filler) throws IOException {
        byte[] zeros = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(zeros);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Gives runs with a large input until some were refused, each time in the way that says: try again. */
    private boolean isRefused(LedgerClient client) {
        Answer answer = create(client, "full-" + (acknowledged.size() + refused.size() + total()));
        if (answer.status() != 201) {
            assertThat(answer.status()).as("%s", answer.body()).isIn(503, 507);
            assertThat(answer.headers().firstValue("Retry-After"))
                    .as("%s", answer.body())
                    .isPresent();
            refused.merge(answer.status(), 1, Integer::sum);
        }
        return total() >= REFUSALS;
    }

    private int total() {
        return refused.values().stream().mapToInt(Integer::intValue).sum();
    }

    private Answer create(LedgerClient client, String key) {
        ObjectNode body =
                LedgerClient.object().put("target", "task:disk").put("key", key).put("input", "x".repeat(500_000));
        try {
            Answer answer = client.post("/v1/runs", body);
            if (answer.status() == 201) {
                acknowledged.put(key, answer.id());
            }
            return answer;
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        }
    }
}
