package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventHashTest {

    private static final StoredEvent EVENT = new StoredEvent(
            "01JZ0000000000000000000001",
            "default",
            RunId.of("01JZ0000000000000000000000"),
            0,
            "run.queued",
            1,
            Instant.parse("2026-01-31T12:00:00Z"),
            Instant.parse("2026-01-31T12:00:00.123456Z"),
            "ci",
            "r",
            "c",
            "d",
            new Json("{}"));

    @Test
    void the_documented_vectors_hold() {
        List<String> vectors = HashChainDocument.vectors();
        assertThat(vectors).hasSizeGreaterThanOrEqualTo(2);

        byte[] hash = EventHash.genesis();
        for (String vector : vectors) {
            hash = EventHash.next(hash, event(vector));
            assertThat(HexFormat.of().formatHex(hash))
                    .as("the hash that docs/hash-chain.md gives for %s", vector)
                    .isEqualTo(text("hash", vector));
        }
    }

    @Test
    void the_documented_verifier_agrees_and_notices_a_changed_payload(@TempDir Path folder) throws Exception {
        assumeTrue(hasPython(), "no python3 here, so the verifier of docs/hash-chain.md was not run");
        Path verifier = Files.writeString(folder.resolve("verify.py"), HashChainDocument.block("python"));
        String events = HashChainDocument.block("json");

        assertThat(run(verifier, events, folder)).startsWith("0:").contains("valid");
        assertThat(run(verifier, events.replace("18446744073709551616", "18446744073709551617"), folder))
                .startsWith("1:")
                .contains("broken at 0");
    }

    @Test
    void every_field_counts_and_so_does_the_hash_before() {
        Set<String> hashes = new HashSet<>();
        List<StoredEvent> variants = variants();
        for (StoredEvent variant : variants) {
            hashes.add(HexFormat.of().formatHex(EventHash.next(EventHash.genesis(), variant)));
        }
        byte[] other = EventHash.genesis();
        other[31] = 1;
        hashes.add(HexFormat.of().formatHex(EventHash.next(other, EVENT)));

        assertThat(hashes).hasSize(variants.size() + 1);
    }

    @Test
    void no_text_can_pretend_to_be_two_fields() {
        StoredEvent one = with("a,1:b", null, "{}");
        StoredEvent two = with("a", "b", "{}");

        assertThat(EventHash.next(EventHash.genesis(), one)).isNotEqualTo(EventHash.next(EventHash.genesis(), two));
    }

    @Test
    void an_absent_field_hashes_like_an_empty_one() {
        assertThat(EventHash.next(EventHash.genesis(), with("a", null, "{}")))
                .isEqualTo(EventHash.next(EventHash.genesis(), with("a", "", "{}")));
    }

    @Test
    void a_time_has_exactly_six_decimals_in_utc() {
        assertThat(EventHash.time(Instant.parse("2026-01-31T12:00:00Z"))).isEqualTo("2026-01-31T12:00:00.000000Z");
        assertThat(EventHash.time(Instant.parse("2026-01-31T12:00:00.1234567Z")))
                .isEqualTo("2026-01-31T12:00:00.123456Z");
        assertThat(EventHash.time(Instant.parse("0001-01-01T00:00:00Z"))).isEqualTo("0001-01-01T00:00:00.000000Z");
    }

    @Test
    void a_time_is_written_as_a_formatter_writes_it() {
        DateTimeFormatter micros =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            // Now and then thousands of years away.
            long second = random.nextInt(10) == 0 ? random.nextLong(-300_000_000_000L, 300_000_000_000L) : i / 5;
            Instant time = Instant.ofEpochSecond(second, random.nextInt(1_000_000_000));
            assertThat(EventHash.time(time)).isEqualTo(micros.format(time));
        }
    }

    @Test
    void nobody_can_change_the_beginning() {
        EventHash.genesis()[0] = 1;

        assertThat(EventHash.genesis()).isEqualTo(new byte[32]);
    }

    private static List<StoredEvent> variants() {
        Instant later = Instant.parse("2026-01-31T12:00:00.000001Z");
        RunId otherRun = RunId.of("01JZ000000000000000000000Z");
        StoredEvent e = EVENT;
        List<StoredEvent> variants = new ArrayList<>(List.of(e));
        variants.add(copy("01JZ0000000000000000000002", "default", e.runId(), 0, "run.queued", 1, e.occurredAt()));
        variants.add(copy(e.id(), "other", e.runId(), 0, "run.queued", 1, e.occurredAt()));
        variants.add(copy(e.id(), "default", otherRun, 0, "run.queued", 1, e.occurredAt()));
        variants.add(copy(e.id(), "default", e.runId(), 1, "run.queued", 1, e.occurredAt()));
        variants.add(copy(e.id(), "default", e.runId(), 0, "run.skipped", 1, e.occurredAt()));
        variants.add(copy(e.id(), "default", e.runId(), 0, "run.queued", 2, e.occurredAt()));
        variants.add(copy(e.id(), "default", e.runId(), 0, "run.queued", 1, later));
        variants.add(rest(later, "ci", "r", "c", "d", "{}"));
        variants.add(rest(e.recordedAt(), "cd", "r", "c", "d", "{}"));
        variants.add(rest(e.recordedAt(), "ci", "s", "c", "d", "{}"));
        variants.add(rest(e.recordedAt(), "ci", "r", "x", "d", "{}"));
        variants.add(rest(e.recordedAt(), "ci", "r", "c", null, "{}"));
        variants.add(rest(e.recordedAt(), "ci", "r", "c", "d", "{ }"));
        return variants;
    }

    private static StoredEvent copy(
            String id, String project, RunId run, long sequence, String type, int version, Instant occurredAt) {
        return new StoredEvent(
                id,
                project,
                run,
                sequence,
                type,
                version,
                occurredAt,
                EVENT.recordedAt(),
                "ci",
                "r",
                "c",
                "d",
                EVENT.payload());
    }

    private static StoredEvent rest(
            Instant recordedAt, String actor, String correlation, String causation, String command, String payload) {
        return new StoredEvent(
                EVENT.id(),
                "default",
                EVENT.runId(),
                0,
                "run.queued",
                1,
                EVENT.occurredAt(),
                recordedAt,
                actor,
                correlation,
                causation,
                command,
                new Json(payload));
    }

    private static StoredEvent with(String actor, @Nullable String correlationId, String payload) {
        return rest(EVENT.recordedAt(), actor, correlationId, "c", "d", payload);
    }

    private static StoredEvent event(String json) {
        return new StoredEvent(
                text("id", json),
                HashChainDocument.project(),
                RunId.of(text("run_id", json)),
                Long.parseLong(number("sequence", json)),
                text("type", json),
                Integer.parseInt(number("version", json)),
                Instant.parse(text("occurred_at", json)),
                Instant.parse(text("recorded_at", json)),
                text("actor", json),
                optional("correlation_id", json),
                optional("causation_id", json),
                optional("command_id", json),
                new Json(json.substring(json.indexOf("\"payload\":") + 10, json.lastIndexOf(",\"hash\":"))));
    }

    private static String text(String name, String json) {
        String value = optional(name, json);
        assertThat(value).as(name).isNotNull();
        return value;
    }

    private static @Nullable String optional(String name, String json) {
        Matcher member = Pattern.compile("\"" + name + "\":\"([^\"\\\\]*)\"").matcher(json);
        return member.find() ? member.group(1) : null;
    }

    private static String number(String name, String json) {
        Matcher member = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        assertThat(member.find()).as(name).isTrue();
        return member.group(1);
    }

    private static boolean hasPython() {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    /** Exit code, a colon, and what the verifier said. */
    private static String run(Path verifier, String events, Path folder) throws Exception {
        Path input = Files.writeString(folder.resolve("events.json"), events);
        Process python = new ProcessBuilder("python3", verifier.toString(), HashChainDocument.project())
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(python.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return python.exitValue() + ":" + said;
    }
}
