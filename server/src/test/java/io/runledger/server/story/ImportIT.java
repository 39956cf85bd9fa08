package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real event log goes in through the example, and the ledger then says what the file says. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ImportIT {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path RECEIPT =
            ROOT.resolve("../shared/data/receipt.csv").normalize();
    private static final Path SAMPLE = ROOT.resolve("examples/receipt-sample.csv");
    private static final Map<String, String> LABELS =
            Map.of("department", "case:department", "group", "case:group", "channel", "case:channel");

    /** So many lines of the file are enough for a kill in the middle; the whole file takes two minutes. */
    private static final int BEGINNING = 4_000;

    @TempDir
    Path folder;

    @Test
    void the_sample_is_imported_and_agrees_with_its_file() throws Exception {
        try (LedgerProcess ledger = LedgerProcess.named("import-sample").start()) {
            LedgerClient client = new LedgerClient(ledger);
            long begun = System.nanoTime();
            runImport(ledger, SAMPLE);
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            Map<String, List<Map<String, String>>> cases = EventLogFile.read(SAMPLE);
            compare(client, cases);
            Figures.print("import: %d cases of the sample in %d ms", cases.size(), took);
        }
    }

    @Test
    void the_permit_process_agrees_with_its_file_though_its_import_was_broken_off_by_kill_9() throws Exception {
        assumeThat(RECEIPT)
                .as("the real event log is not on this machine, the sample is too short")
                .exists();
        Map<String, List<Map<String, String>>> all = EventLogFile.read(RECEIPT);
        assertThat(all).hasSize(1_434);
        assertThat(all.values().stream().mapToInt(List::size).sum()).isEqualTo(8_577);
        Path log = Figures.isThorough() ? RECEIPT : beginning(RECEIPT);
        Map<String, List<Map<String, String>>> cases = EventLogFile.read(log);
        try (LedgerProcess ledger = LedgerProcess.named("import-killed").start()) {
            LedgerClient client = new LedgerClient(ledger);
            Process first = importer(ledger, log);
            ledger.until(() -> client.count("", 0) > cases.size() / 3, Duration.ofMinutes(2), "a third full");
            ledger.kill9();
            assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(first.exitValue()).isNotZero();
            assertThat(new String(first.getInputStream().readAllBytes())).contains("Run the same command again");
            ledger.start();
            int survived = client.feed().size();
            assertThat(survived).isGreaterThan(cases.size());

            runImport(ledger, log);
            compare(client, cases);
            List<JsonNode> before = client.feed();
            assertThat(survived).isLessThan(before.size());
            long begun = System.nanoTime();
            runImport(ledger, log);
            assertThat(client.feed()).as("the third time adds nothing").isEqualTo(before);
            Figures.print(
                    "import: killed after %d events, sent again: %d events; a third time: none added, in %d ms",
                    survived, before.size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        }
    }

    private Path beginning(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return Files.write(folder.resolve("beginning.csv"), (Iterable<String>) lines.limit(BEGINNING)::iterator);
        }
    }

    private static Process importer(LedgerProcess ledger, Path file) throws IOException {
        ProcessBuilder importer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // As the ledgers of stories: it is compiled for a few seconds of work.
                        "-XX:TieredStopAtLevel=1",
                        "examples/ImportCsv.java",
                        "--url",
                        ledger.uri().toString(),
                        file.toString())
                .directory(ROOT.toFile())
                .redirectErrorStream(true);
        importer.environment().put("RUNLEDGER_API_KEY", LedgerProcess.KEY);
        return importer.start();
    }

    private static void runImport(LedgerProcess ledger, Path file) throws Exception {
        Process importer = importer(ledger, file);
        String printed = new String(importer.getInputStream().readAllBytes());
        assertThat(importer.waitFor()).as(printed).isZero();
        assertThat(printed).contains(" 0 refused");
    }

    private static void compare(LedgerClient client, Map<String, List<Map<String, String>>> cases) {
        List<JsonNode> feed = Ledger.audit(client);
        Map<String, List<JsonNode>> events = new HashMap<>();
        feed.forEach(event -> events.computeIfAbsent(event.get("run_id").asString(), _ -> new ArrayList<>())
                .add(event));
        Map<String, JsonNode> byKey = new HashMap<>();
        client.runs("", LedgerClient.head(feed))
                .values()
                .forEach(run -> byKey.put(run.get("key").asString(), run));
        assertThat(byKey.keySet()).isEqualTo(cases.keySet());
        cases.forEach((name, rows) -> {
            JsonNode run = byKey.get(name);
            compare(run, rows);
            assertThat(events.get(run.get("id").asString()).stream()
                            .map(ImportIT::told)
                            .toList())
                    .as("events of %s", name)
                    .isEqualTo(expected(rows));
        });
        compareStreams(client, cases, events);
        compareCounts(client, cases, LedgerClient.head(feed));
    }

    /** The stream of each run by its key is what the feed has of it. */
    private static void compareStreams(
            LedgerClient client, Map<String, List<Map<String, String>>> cases, Map<String, List<JsonNode>> events) {
        for (String name : cases.keySet()) {
            List<JsonNode> stream = client.eventsOf("key:" + name);
            assertThat(stream)
                    .isEqualTo(events.get(stream.getFirst().get("run_id").asString()));
        }
    }

    private static void compare(JsonNode run, List<Map<String, String>> rows) {
        Map<String, String> row = rows.getFirst();
        boolean ended = !row.get("case:enddate").isEmpty();
        assertThat(run.get("status").asString()).isEqualTo(ended ? "succeeded" : "running");
        assertThat(run.get("target").asString()).isEqualTo("process:receipt");
        assertThat(Instant.parse(run.get("started_at").asString()))
                .isEqualTo(EventLogFile.time(row.get("case:startdate")));
        if (ended) {
            Instant end = EventLogFile.time(row.get("case:enddate"));
            assertThat(Instant.parse(run.get("finished_at").asString())).isEqualTo(end);
        }
        LABELS.forEach((label, column) ->
                assertThat(run.get("labels").path(label).asString("")).isEqualTo(row.get(column)));
    }

    private static String told(JsonNode event) {
        String type = event.get("type").asString();
        JsonNode payload = event.get("payload");
        String note = type.equals("run.noted")
                ? " " + payload.get("type").asString() + " "
                        + payload.get("payload").path("concept:instance").asString("")
                        + payload.get("payload").path("org:resource").asString("")
                : "";
        return type + note + " " + Instant.parse(event.get("occurred_at").asString());
    }

    private static List<String> expected(List<Map<String, String>> rows) {
        List<String> expected = new ArrayList<>();
        Instant start = EventLogFile.time(rows.getFirst().get("case:startdate"));
        List.of("created", "queued", "started").forEach(type -> expected.add("run." + type + " " + start));
        for (Map<String, String> row : rows) {
            expected.add("run.noted " + row.get("concept:name") + " " + row.get("concept:instance")
                    + row.get("org:resource") + " " + EventLogFile.time(row.get("time:timestamp")));
        }
        String end = rows.getFirst().get("case:enddate");
        if (!end.isEmpty()) {
            expected.add("run.succeeded " + EventLogFile.time(end));
        }
        return expected;
    }

    private static void compareCounts(
            LedgerClient client, Map<String, List<Map<String, String>>> cases, long position) {
        Map<String, Long> counts = new HashMap<>();
        for (List<Map<String, String>> rows : cases.values()) {
            Map<String, String> row = rows.getFirst();
            String status = row.get("case:enddate").isEmpty() ? "running" : "succeeded";
            List<String> filters = new ArrayList<>(List.of("", "&status=" + status, "&target=process:receipt"));
            LABELS.forEach((label, column) -> {
                String value = row.get(column).replace(" ", "%20");
                if (!value.isEmpty()) {
                    filters.add("&label." + label + "=" + value);
                    filters.add("&label." + label + "=" + value + "&status=" + status);
                }
            });
            filters.forEach(filter -> counts.merge(filter, 1L, Long::sum));
        }
        counts.forEach((filter, count) -> assertThat(client.count(filter, position))
                .as("runs with %s", filter)
                .isEqualTo(count));
        assertThat(client.count("&status=failed", position)).isZero();
    }
}
