package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The server, or its PostgreSQL, is killed while a view is built again: it goes on, and never shows a half view. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RebuildCrashIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_260_103);
    private static final int RUNS = Figures.isThorough() ? 20_000 : 2_000;
    private static final int KILLS = Figures.isThorough() ? 12 : 3;
    private static final int NOTES = 6;
    private static final Duration BUILT = Duration.ofMinutes(2);
    private static final Pattern BUILDING = Pattern.compile("building generation (\\d+) from position (\\d+)");

    @Test
    void a_rebuild_survives_every_death() throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        try (LedgerProcess ledger = LedgerProcess.named("rebuild-crash").start()) {
            LedgerClient client = new LedgerClient(ledger);
            fill(client);
            List<JsonNode> feed = client.feed();
            Map<String, FoldedRun> folded = FoldedRun.each(feed);
            List<Long> caught = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                int generation = state(client).get("generation").asInt() + 1;
                assertThat(client.post("/v1/projections/run/rebuild", LedgerClient.object())
                                .status())
                        .isEqualTo(202);
                long least = random.nextLong(feed.size());
                ledger.until(() -> isPast(state(client), least), BUILT, "building, seed " + SEED);
                if (kill % 2 == 0) {
                    ledger.kill9();
                    ledger.start();
                } else {
                    ledger.signalPostgres("KILL").onExit().get(10, TimeUnit.SECONDS);
                    ledger.until(ledger::isReady, BUILT, "ready again");
                }
                ledger.until(() -> hasBuilt(client, generation), BUILT, "done with generation " + generation);
                caught.add(lastBegun(ledger, generation));
                assertThat(state(client).at("/last_rebuild/differing").asLong()).isZero();
                Ledger.assertViewsShow(folded, client, LedgerClient.head(feed));
            }
            assertThat(caught).as("killed in the middle").anyMatch(position -> position > 0);
            Figures.print(
                    "rebuild of %d events, killed %d times (server, PostgreSQL in turn): went on from %s; view is the fold",
                    feed.size(), KILLS, caught);
        }
    }

    /** Whether the rebuild has come so far, or is over. */
    private static boolean isPast(JsonNode state, long position) {
        return !state.has("rebuild") || state.at("/rebuild/position").asLong() >= position;
    }

    private static boolean hasBuilt(LedgerClient client, int generation) {
        try {
            LedgerClient.Answer answer = client.get("/v1/projections");
            return answer.status() == 200
                    && answer.body().at("/data/0/generation").asInt() == generation
                    && !answer.body().at("/data/0").has("rebuild");
        } catch (IOException e) {
            return false; // PostgreSQL is coming back.
        }
    }

    private static JsonNode state(LedgerClient client) {
        return client.read("/v1/projections").at("/data/0");
    }

    /** From which position the last attempt went on; -1 when nothing was left to build after the kill. */
    private static long lastBegun(LedgerProcess ledger, int generation) {
        long position = -1;
        Matcher line = BUILDING.matcher(ledger.printed());
        while (line.find()) {
            if (Integer.parseInt(line.group(1)) == generation) {
                position = Long.parseLong(line.group(2));
            }
        }
        return position;
    }

    private static void fill(LedgerClient client) throws IOException {
        List<ObjectNode> lines = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            String key = "rebuild-" + i;
            lines.add(LedgerClient.object()
                    .put("command", "create")
                    .put("target", "task:rebuild")
                    .put("key", key));
            lines.add(line("start", key));
            for (int note = 0; note < NOTES; note++) {
                lines.add(line("note", key).put("type", "step-" + note));
            }
            if (i % 3 > 0) {
                lines.add(i % 3 == 1 ? line("complete", key).put("output", i) : line("cancel", key));
            }
        }
        List<JsonNode> answers = client.commands(lines, "Prefer", "return=minimal");
        assertThat(answers.getLast().get("refused").asInt()).isZero();
    }

    private static ObjectNode line(String command, String key) {
        return LedgerClient.object().put("command", command).put("run", "key:" + key);
    }
}
