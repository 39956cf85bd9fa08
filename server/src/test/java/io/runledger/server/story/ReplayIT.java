package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every view is emptied and filled again; a restart in the middle leaves neither a gap nor anything twice. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ReplayIT {

    private static final int RUNS = Figures.isThorough() ? 2_000 : 1_000;
    private static final int NOTES = 6;
    private static final List<Consumer<LedgerProcess>> ENDS =
            Figures.isThorough() ? List.of(LedgerProcess::kill9, LedgerProcess::stop) : List.of(LedgerProcess::kill9);
    private static final Duration REPLAYED = Duration.ofMinutes(2);

    @Test
    void a_replay_goes_on_after_a_restart_in_its_middle() throws Exception {
        try (LedgerProcess ledger =
                LedgerProcess.named("replay").main(ResettingLedger.class).start()) {
            LedgerClient client = new LedgerClient(ledger);
            fill(client);
            List<JsonNode> feed = client.feed();
            assertThat(feed).hasSizeGreaterThanOrEqualTo(10 * RUNS);
            long head = LedgerClient.head(feed);
            Map<String, FoldedRun> folded = FoldedRun.each(feed);
            awaitView(ledger, client, head);

            for (Consumer<LedgerProcess> end : ENDS) {
                interruptReplay(ledger, client, end, head);
                ledger.start();
                awaitView(ledger, client, head);
                Ledger.assertViewsShow(folded, client, head);
            }
            long begun = System.nanoTime();
            reset(ledger);
            assertThat(ledger.printed()).contains("reset run");
            // A ledger that has shown an event says so even while the view is being filled again.
            JsonNode last = feed.getLast();
            ledger.until(() -> isShown(client, last), REPLAYED, "showing the last event");
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            Ledger.assertViewsShow(folded, client, head);
            assertThat(client.feed()).as("a replay adds nothing").isEqualTo(feed);
            Figures.print(
                    "replay: %d events in %d ms; the same after %d ends in the middle, the first by kill -9",
                    feed.size(), millis, ENDS.size());
        }
    }

    private static void fill(LedgerClient client) throws IOException {
        List<ObjectNode> lines = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            String key = "replay-" + i;
            lines.add(LedgerClient.object()
                    .put("command", "create")
                    .put("target", "task:replay")
                    .put("key", key));
            lines.add(line("start", key));
            for (int note = 0; note < NOTES; note++) {
                lines.add(line("note", key).put("type", "step-" + note));
            }
            lines.add(i % 2 == 0 ? line("complete", key).put("output", i) : line("cancel", key));
        }
        List<JsonNode> answers = client.commands(lines, "Prefer", "return=minimal");
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst().get("refused").asInt()).isZero();
    }

    private static ObjectNode line(String command, String key) {
        return LedgerClient.object().put("command", command).put("run", "key:" + key);
    }

    private static void reset(LedgerProcess ledger) {
        ledger.type("reset");
        ledger.until(() -> ledger.printed().contains(ResettingLedger.BEGUN), REPLAYED, "reset");
    }

    /** Ends a replay when the view is neither empty nor full; tries again when it was too fast to be caught. */
    private static void interruptReplay(
            LedgerProcess ledger, LedgerClient client, Consumer<LedgerProcess> end, long head) {
        for (int attempt = 0; attempt < 5; attempt++) {
            reset(ledger);
            long[] seen = {0};
            ledger.until(() -> (seen[0] = client.count("", 0)) > 0, REPLAYED, "filling its view");
            end.accept(ledger);
            if (seen[0] < RUNS * 9 / 10) {
                return;
            }
            ledger.start();
            awaitView(ledger, client, head);
        }
        throw new AssertionError("the replay was always over before it could be interrupted");
    }

    private static boolean isShown(LedgerClient client, JsonNode event) {
        try {
            JsonNode run =
                    client.get("/v1/runs/" + event.get("run_id").asString()).body();
            return run.path("version").asLong(-1) == event.get("sequence").asLong();
        } catch (IOException e) {
            return false;
        }
    }

    private static void awaitView(LedgerProcess ledger, LedgerClient client, long head) {
        ledger.until(
                () -> {
                    try {
                        return client.get("/v1/runs?limit=1", "Ledger-Position", Long.toString(head))
                                        .status()
                                == 200;
                    } catch (IOException e) {
                        return false;
                    }
                },
                REPLAYED,
                "showing everything");
    }
}
