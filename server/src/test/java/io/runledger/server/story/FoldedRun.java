package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the events of a run come to, folded from the JSON that the API shows, by the words of domain.md alone. */
final class FoldedRun {

    /** The fields of the run resource that are compared; those with a dot lie deeper. */
    private static final List<String> FIELDS = List.of(
            "id",
            "key",
            "target",
            "labels",
            "status",
            "status_reason",
            "version",
            "attempt",
            "max_attempts",
            "worker",
            "lease_expires_at",
            "output",
            "exit_code",
            "error.code",
            "error.message",
            "error.retryable",
            "progress.percent",
            "progress.message",
            "checkpoint",
            "artifacts",
            "created_at",
            "queued_at",
            "started_at",
            "finished_at",
            "updated_at",
            "duration_ms");

    private final Map<String, Object> fields = new TreeMap<>();
    private final Map<String, String> artifacts = new LinkedHashMap<>();
    private long version = -1;

    private FoldedRun() {
        FIELDS.forEach(field -> fields.put(field, "null"));
        fields.put("attempt", "0");
    }

    static FoldedRun of(List<JsonNode> events) {
        FoldedRun run = new FoldedRun();
        events.forEach(run::add);
        return run;
    }

    /** The folded runs of a whole feed, by id. */
    static Map<String, FoldedRun> each(List<JsonNode> feed) {
        Map<String, FoldedRun> runs = new LinkedHashMap<>();
        feed.forEach(event -> runs.computeIfAbsent(event.get("run_id").asString(), _ -> new FoldedRun())
                .add(event));
        return runs;
    }

    String status() {
        return fields.get("status").toString();
    }

    long version() {
        return version;
    }

    /** Fails unless this resource of the API shows the same run. */
    void assertShownBy(JsonNode view) {
        assertThat(shown(view))
                .as("run %s, view against fold", fields.get("id"))
                .isEqualTo(fields);
    }

    private static Map<String, Object> shown(JsonNode view) {
        Map<String, Object> shown = new TreeMap<>();
        for (String field : FIELDS) {
            JsonNode value = view;
            for (String step : field.split("\\.")) {
                value = value.path(step);
            }
            shown.put(field, plain(value));
        }
        return shown;
    }

    private void add(JsonNode event) {
        long sequence = event.get("sequence").asLong();
        assertThat(sequence).as("the next event of %s", event.get("run_id")).isEqualTo(version + 1);
        version = sequence;
        fields.put("id", event.get("run_id").asString());
        fields.put("version", Long.toString(version));
        fields.put("updated_at", plain(event.get("recorded_at")));
        if (version == 0) {
            fields.put("created_at", plain(event.get("recorded_at")));
        }
        add(event.get("type").asString(), event.get("payload"), plain(event.get("occurred_at")));
    }

    private void add(String type, JsonNode payload, String at) {
        switch (type) {
            case "run.created" -> {
                for (String field : List.of("key", "target", "max_attempts")) {
                    put(field, payload.path(field));
                }
                fields.put("labels", payload.has("labels") ? plain(payload.get("labels")) : "{}");
                fields.put("artifacts", "[]");
            }
            case "run.queued" -> {
                become("queued", null);
                fields.put("queued_at", at);
            }
            case "run.scheduled" -> become("scheduled", null);
            case "run.blocked" -> become("blocked", null);
            case "run.started" -> start(payload, at);
            case "run.progressed" -> {
                putIfPresent("progress.percent", payload.path("percent"));
                putIfPresent("progress.message", payload.path("message"));
            }
            case "run.checkpointed" -> put("checkpoint", payload.path("checkpoint"));
            case "run.artifact_added" -> {
                JsonNode artifact = payload.get("artifact");
                artifacts.put(artifact.get("name").asString(), plain(artifact));
                fields.put("artifacts", artifacts.values().stream().collect(Collectors.joining(",", "[", "]")));
            }
            case "run.finishing" -> become("finishing", payload);
            case "run.succeeded" -> {
                putIfPresent("output", payload.path("output"));
                put("exit_code", payload.path("exit_code"));
                end("succeeded", null, at);
            }
            case "run.attempt_failed" -> fail(payload);
            case "run.failed" -> {
                fail(payload);
                end("failed", null, at);
            }
            case "run.stopped" -> become("stopped", payload);
            case "run.resumed" -> {
                forgetError();
                List.of("finished_at", "duration_ms", "output").forEach(field -> fields.put(field, "null"));
            }
            case "run.cancelled" -> end("cancelled", payload, at);
            case "run.noted" -> {}
            default -> throw new AssertionError("no story makes events of type " + type);
        }
    }

    private void start(JsonNode payload, String at) {
        become("running", null);
        forgetError();
        put("attempt", payload.get("attempt"));
        put("worker", payload.path("worker"));
        fields.put("started_at", at);
        if (payload.hasNonNull("lease_seconds")) {
            // A lease counts from when the ledger gave it.
            Instant given = Instant.parse(fields.get("updated_at").toString());
            long seconds = payload.get("lease_seconds").asLong();
            fields.put("lease_expires_at", given.plusSeconds(seconds).toString());
        }
    }

    private void become(String status, @Nullable JsonNode payload) {
        fields.put("status", status);
        fields.put("status_reason", payload == null ? "null" : plain(payload.path("reason")));
        if (!status.equals("finishing")) {
            fields.put("lease_expires_at", "null");
        }
    }

    private void end(String status, @Nullable JsonNode payload, String at) {
        become(status, payload);
        fields.put("finished_at", at);
        if (!fields.get("started_at").equals("null")) {
            Instant started = Instant.parse(fields.get("started_at").toString());
            long millis =
                    Math.max(0, Duration.between(started, Instant.parse(at)).toMillis());
            fields.put("duration_ms", Long.toString(millis));
        }
    }

    private void fail(JsonNode payload) {
        for (String field : List.of("code", "message", "retryable")) {
            put("error." + field, payload.get("error").path(field));
        }
        put("exit_code", payload.path("exit_code"));
    }

    private void forgetError() {
        List.of("error.code", "error.message", "error.retryable", "exit_code")
                .forEach(field -> fields.put(field, "null"));
    }

    private void put(String field, JsonNode value) {
        fields.put(field, plain(value));
    }

    private void putIfPresent(String field, JsonNode value) {
        if (!value.isMissingNode() && !value.isNull()) {
            put(field, value);
        }
    }

    /** A value in one spelling: members in order of name and without nulls, numbers and times by what they mean. */
    private static String plain(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "null";
        }
        if (value.isNumber()) {
            BigDecimal number = value.decimalValue().stripTrailingZeros();
            return number.toPlainString();
        }
        if (value.isArray()) {
            return value.valueStream().map(FoldedRun::plain).collect(Collectors.joining(",", "[", "]"));
        }
        if (value.isObject()) {
            return value.propertyStream()
                    .filter(member -> !member.getValue().isNull())
                    .sorted(Map.Entry.comparingByKey())
                    .map(member -> member.getKey() + "=" + plain(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        String text = value.asString();
        return text.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z")
                ? Instant.parse(text).toString()
                : text;
    }
}
