package io.runledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The benchmarks at a size that shows that they work, and nothing about speed; all of them in a thorough run. */
class BenchmarksIT {

    private static final boolean THOROUGH = Boolean.getBoolean("runledger.thorough");
    private static final String WORKLOADS = THOROUGH ? "workloads=" : "workloads=lists,bulk";

    /** Lists are not warmed up for a figure that nobody looks at. */
    private static final String SECONDS = THOROUGH ? "seconds=1" : "seconds=0";

    @TempDir
    private Path folder;

    @Test
    void a_workload_measures_both_sides_and_writes_it_down() throws Exception {
        List<Path> written = Benchmarks.run(
                Settings.read(WORKLOADS, "runs=2000", "samples=3", "rounds=1", SECONDS, "log=40", "folder=" + folder));
        assertThat(written).hasSizeGreaterThanOrEqualTo(2).allMatch(Files::exists);
        for (Path file : written) {
            String text = Files.readString(file);
            if (file.toString().endsWith(".svg")) {
                assertThat(text).startsWith("<svg").endsWith("</svg>\n");
                continue;
            }
            JsonNode report = JsonMapper.shared().readTree(text);
            assertThat(report.get("measurements")).isNotEmpty();
            for (JsonNode measurement : report.get("measurements")) {
                for (String side : List.of("ledger", "bare")) {
                    assertThat(measurement.get(side).get("per_second").asDouble())
                            .as(measurement.get("name").asString())
                            .isPositive();
                }
            }
        }
    }
}
