package io.runledger.server.http;

import io.runledger.server.http.PublishedApi.Call;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Questions of somebody who knows much of another project and says it wherever the published description lets something
 * be said: in paths, parameters, headers and bodies.
 */
final class Questions {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** What belongs into a place that has another name than what it holds. */
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("id", "run"),
            Map.entry("run_id", "run"),
            Map.entry("parent_id", "run"),
            Map.entry("root_id", "run"),
            Map.entry("depends_on", "run"),
            Map.entry("queues", "queue"),
            Map.entry("targets", "target"),
            Map.entry("labels", "value"),
            Map.entry("code", "error_code"),
            Map.entry("before", "cursor"));

    /** Words that mean something in places that take only such. */
    private static final Map<String, List<String>> WORDS = Map.of(
            "status", List.of("active", "ended", "queued", "running", "succeeded", "failed", "stopped", "pending"),
            "kind", List.of("task", "action", "workflow"),
            "mode", List.of("async", "live"),
            "sort", List.of("created_at", "-updated_at", "name", "status", "-duration_ms", "priority"),
            "order", List.of("asc", "desc"),
            "include", List.of("tasks"),
            "what", List.of("runs", "events"),
            "level", List.of("info"),
            "type", List.of("run.created", "run.noted", "run.failed", "log"),
            "role", List.of("viewer", "worker"));

    /** Members that would let a question wait, or hold only what no project has. */
    private static final Set<String> UNSAID = Set.of(
            "wait_seconds",
            "timeout",
            "ttl",
            "backoff",
            "occurred_at",
            "run_at",
            "at",
            "expires_at",
            "sha256",
            "require_definitions",
            "lease_seconds",
            "on_failure");

    private static final List<String> MOMENTS = List.of("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z");

    private static final String STREAM = "text/event-stream";

    /** They go through the whole record of the project, past those of all others. */
    private static final Set<String> LONG = Set.of("/v1/events", "/v1/export", "/v1/verify", "/v1/checkpoints");

    private final PublishedApi api;
    private final List<Call> reading;
    private final List<Call> all;
    private final Map<String, List<String>> theirs;
    private final List<String> everything;

    /**
     * Questions about a project of which this is known.
     *
     * @param theirs what is known, by what it names
     */
    Questions(PublishedApi api, Map<String, List<String>> theirs) {
        this.api = api;
        this.theirs = theirs;
        everything = theirs.values().stream().flatMap(List::stream).toList();
        // One that waits for the end of a run waits as long as it may.
        all = api.calls().stream()
                .filter(call -> !call.path().endsWith("/live"))
                .toList();
        reading = all.stream()
                .filter(call -> call.method().equals("GET") || call.path().equals("/v1/verify"))
                .toList();
    }

    /** One question: what is sent, beside a key. */
    record Question(Call call, String path, Map<String, String> headers, String body) {

        /** As it goes over the wire, with this key; it has no character that is more than a byte. */
        String with(String key) {
            List<String> lines = new ArrayList<>();
            headers.forEach((name, value) -> lines.add(name + ": " + value));
            if (!call.method().equals("GET")) {
                lines.add("content-length: " + body.length());
            }
            return RawConnection.headWithKey(key, call.method() + " " + path, lines.toArray(String[]::new)) + body;
        }

        /** All that it says, as it was meant and as it was sent. */
        String said() {
            return URLDecoder.decode(path, StandardCharsets.UTF_8) + this;
        }

        @Override
        public String toString() {
            return call.method() + " " + path + " " + headers + " " + body;
        }
    }

    /**
     * The next question.
     *
     * @param own what the asker has itself, by what it names
     * @param onlyReads whether it may change nothing
     */
    Question next(Random random, Map<String, List<String>> own, boolean onlyReads) {
        Speaker speaker = new Speaker(random, own);
        Call call = one(onlyReads ? reading : all, random);
        while (LONG.contains(call.path()) && random.nextInt(20) > 0) {
            call = one(onlyReads ? reading : all, random);
        }
        Map<String, String> headers = speaker.headers(call);
        String body = "";
        if (!call.contentType().isEmpty()) {
            headers.put("content-type", call.contentType());
            body = speaker.body(call);
        } else if (call.method().equals("POST")) {
            headers.put("content-type", "application/json");
        }
        return new Question(call, speaker.path(call.path()) + speaker.query(call), headers, body);
    }

    private static <T> T one(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    /** Says things, some of them its own. */
    private final class Speaker {

        private final Random random;
        private final Map<String, List<String>> own;

        Speaker(Random random, Map<String, List<String>> own) {
            this.random = random;
            this.own = own;
        }

        private boolean oneIn(int times) {
            return random.nextInt(times) == 0;
        }

        private String said(String place) {
            if (oneIn(12)) {
                return one(everything, random);
            }
            if (WORDS.containsKey(place)) {
                return one(WORDS.get(place), random);
            }
            String kind = KINDS.getOrDefault(place, place);
            List<String> mine = own.getOrDefault(kind, List.of());
            if (!mine.isEmpty() && oneIn(3)) {
                return one(mine, random);
            }
            return one(theirs.getOrDefault(kind, everything), random);
        }

        String path(String template) {
            String path = template;
            for (int open = path.indexOf('{'); open >= 0; open = path.indexOf('{')) {
                int close = path.indexOf('}');
                path = path.substring(0, open)
                        + LedgerClient.encoded(variable(template, path.substring(open + 1, close)))
                        + path.substring(close + 1);
            }
            return path;
        }

        private String variable(String template, String name) {
            if (template.startsWith("/v1/runs/") || template.startsWith("/v1/tasks/")) {
                return oneIn(4) ? "key:" + said("key") : said("run");
            }
            if (template.startsWith("/v1/projections/")) {
                return "run";
            }
            if (template.startsWith("/v1/operations/")) {
                return said("operation");
            }
            if (template.startsWith("/v1/keys/")) {
                return one(theirs.get("key_id"), random);
            }
            if (name.equals("project")) {
                return one(theirs.get("project"), random);
            }
            return name.equals("kind") ? said("kind") : said("definition");
        }

        String query(Call call) {
            List<JsonNode> parameters = new ArrayList<>();
            call.description()
                    .at("/parameters")
                    .valueStream()
                    .filter(parameter -> parameter.at("/in").asString().equals("query"))
                    .forEach(parameters::add);
            StringBuilder query = new StringBuilder();
            for (int i = parameters.isEmpty() ? 0 : random.nextInt(4); i > 0; i--) {
                JsonNode parameter = one(parameters, random);
                String name = parameter.at("/name").asString();
                query.append(query.isEmpty() ? '?' : '&')
                        .append(LedgerClient.encoded(name.equals("labels") ? "label." + said("label") : name))
                        .append('=')
                        .append(LedgerClient.encoded(value(name, parameter.at("/schema"))));
            }
            return query.toString();
        }

        private String value(String name, JsonNode given) {
            JsonNode schema = given.has("items") ? given.at("/items") : given;
            if (schema.has("enum")) {
                return schema.at("/enum/" + random.nextInt(schema.at("/enum").size()))
                        .asString();
            }
            return switch (name) {
                case "limit", "offset" -> Integer.toString(random.nextInt(20));
                case "as_of" -> oneIn(2) ? "position:" + said("position") : one(MOMENTS, random);
                case "group_by" ->
                    oneIn(2) ? "label." + said("label") : one(List.of("target", "queue", "stage"), random);
                case "after" -> oneIn(2) ? said("position") : said("cursor");
                case "q" -> oneIn(2) ? said("name") : said("error_code");
                default -> {
                    if (name.endsWith("_after") || name.endsWith("_before")) {
                        yield one(MOMENTS, random);
                    }
                    if (schema.at("/type").asString().equals("boolean")) {
                        yield "true";
                    }
                    yield schema.at("/type").asString().equals("integer")
                            ? Integer.toString(random.nextInt(3))
                            : said(name);
                }
            };
        }

        Map<String, String> headers(Call call) {
            Map<String, String> headers = new LinkedHashMap<>();
            if (call.method().equals("GET")) {
                List<String> types = new ArrayList<>(
                        call.description().at("/responses/200/content").propertyNames());
                types.remove(STREAM);
                headers.put("accept", types.isEmpty() ? "*/*" : one(types, random));
                if (oneIn(10)) {
                    headers.put("Ledger-Position", one(theirs.get("position"), random));
                }
            } else if (oneIn(10)) {
                headers.put("Idempotency-Key", one(theirs.get("idempotency"), random));
            }
            if (oneIn(10)) {
                headers.put("X-Request-Id", one(theirs.get("run"), random));
            }
            if (oneIn(20)) {
                headers.put("If-Match", "\"" + random.nextInt(6) + "\"");
            }
            return headers;
        }

        String body(Call call) {
            if (call.contentType().endsWith("ndjson")) {
                return "{\"command\": \"%s\", \"run\": \"%s\"}%n{\"command\": \"create\", \"target\": \"%s\", \"key\": \"%s\"}%n"
                        .formatted(
                                one(List.of("start", "cancel", "finish", "complete", "resume"), random),
                                said("run"),
                                said("target"),
                                said("key"));
            }
            if (call.path().equals("/v1/verify")) {
                return one(theirs.get("checkpoint"), random);
            }
            JsonNode body = saying("body", api.resolved(api.bodySchema(call)), 0);
            if (body instanceof ObjectNode object && object.get("filter") instanceof ObjectNode filter) {
                if (filter.isEmpty()) {
                    filter.put("id", said("run"));
                }
                // What is begun is about a run or two, or there would soon be more runs than questions.
                object.put("dry_run", !filter.has("id"));
            }
            return body.toString();
        }

        private JsonNode saying(String name, JsonNode given, int depth) {
            JsonNode schema = api.resolved(given.has("anyOf") ? given.at("/anyOf/0") : given);
            if (schema.has("enum")) {
                return schema.at("/enum/" + random.nextInt(schema.at("/enum").size()));
            }
            String type = schema.at("/type").isArray()
                    ? schema.at("/type/0").asString()
                    : schema.at("/type").asString();
            return switch (type) {
                case "integer", "number" ->
                    JSON.getNodeFactory().numberNode(schema.at("/minimum").asInt(0) + random.nextInt(3));
                case "boolean" -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
                case "string" -> JSON.getNodeFactory().stringNode(said(name));
                case "array" -> {
                    ArrayNode array = JSON.createArrayNode();
                    array.add(saying(name, schema.at("/items"), depth + 1));
                    yield array;
                }
                case "object" -> object(name, schema, depth);
                default -> anything();
            };
        }

        private JsonNode anything() {
            String text = one(everything, random);
            return oneIn(2)
                    ? JSON.getNodeFactory().stringNode(text)
                    : JSON.createObjectNode().put(said("label"), text);
        }

        private ObjectNode object(String name, JsonNode schema, int depth) {
            ObjectNode object = JSON.createObjectNode();
            List<String> required =
                    schema.at("/required").valueStream().map(JsonNode::asString).toList();
            schema.at("/properties").propertyStream().forEach(member -> {
                boolean isSaid = !UNSAID.contains(member.getKey()) && depth < 3 && oneIn(4);
                if (required.contains(member.getKey()) || isSaid) {
                    object.set(member.getKey(), saying(member.getKey(), member.getValue(), depth + 1));
                }
            });
            if (name.equals("labels")) {
                object.put(said("label"), said("value"));
            }
            return object;
        }
    }
}
