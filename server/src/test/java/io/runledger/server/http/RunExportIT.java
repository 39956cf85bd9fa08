package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.Figures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** An export of far more than the ledger should hold in memory, to a client that breaks off and comes back. */
@RunningLedger
@Timeout(280)
class RunExportIT {

    private static final int RUNS = Figures.isThorough() ? 300 : 80;
    private static final int VISIT = RUNS / 3;
    private static final int INPUT_BYTES = 1_000_000;
    private static final long MIB = 1 << 20;

    private final LedgerClient ledger;

    RunExportIT(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @Test
    void large_runs_are_given_away_in_constant_memory_and_in_as_many_parts_as_the_client_likes() throws IOException {
        String position = null;
        for (int i = 0; i < RUNS; i++) {
            String body = "{\"target\": \"task:large\", \"key\": \"large-%d\", \"input\": \"%s\"}"
                    .formatted(i, "x".repeat(INPUT_BYTES));
            position = ledger.post("/v1/runs", body).is(201).header("ledger-position");
        }
        String path = "/v1/export?what=runs&target=task:large&as_of=position:" + position;
        long before = usedHeap();
        long most = 0;
        List<String> keys = new ArrayList<>();
        String last = null;
        boolean isComplete = false;
        while (!isComplete) {
            try (BufferedReader lines = open(last == null ? path : path + "&after=" + last)) {
                int visit = 0;
                // The last visit of all ends with the last line; the others end in the middle.
                for (JsonNode line = next(lines); line != null && visit < VISIT; line = next(lines)) {
                    isComplete = line.has("end");
                    if (!isComplete) {
                        keys.add(line.get("key").asString());
                        last = line.get("id").asString();
                    }
                    if (++visit % 10 == 0) {
                        most = Math.max(most, usedHeap() - before);
                    }
                }
            }
        }
        assertThat(keys)
                .isEqualTo(IntStream.range(0, RUNS).mapToObj(i -> "large-" + i).toList());
        Figures.print(
                "export of %d MB of runs: at most %d MiB more heap", (long) RUNS * INPUT_BYTES / 1_000_000, most / MIB);
        assertThat(most).isLessThan(32 * MIB);
    }

    private BufferedReader open(String path) {
        return new BufferedReader(new InputStreamReader(
                ledger.open(ledger.request(path).header("accept", "application/x-ndjson")), StandardCharsets.UTF_8));
    }

    private static @Nullable JsonNode next(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        return line == null ? null : Answer.json(line);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
