package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.GeneratedPart;
import io.runledger.server.http.PublishedApi.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All limits in one place, docs/limits.md: those that are published with the calls are tried here, one by one, and those
 * that can be set name the test that holds them.
 */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsTest {

    private static final Path FILE = Path.of("..", "docs", "limits.md");
    private static final Path SETTINGS = Path.of("src", "main", "resources", "application.yaml");

    /** {@code name: ${VARIABLE:default}}, as application.yaml has them. */
    private static final Pattern SETTING = Pattern.compile("\\$\\{(RUNLEDGER_[A-Z_]+):([^}]*)}");

    private static final Pattern ROW =
            Pattern.compile("^\\| `(RUNLEDGER_[A-Z_]+)` \\| `([^`]*)` \\| [^|]* ?\\| `(\\w+)\\.(\\w+)` \\|$");

    /** What can be set and limits nothing. */
    private static final List<String> NO_LIMIT = List.of(
            "RUNLEDGER_DATA_DIR",
            "RUNLEDGER_API_KEY",
            "RUNLEDGER_DATABASE_URL",
            "RUNLEDGER_DATABASE_USER",
            "RUNLEDGER_DATABASE_PASSWORD",
            "RUNLEDGER_RATE_LIMITS",
            // How often and how much at once the ledger does of its own accord.
            "RUNLEDGER_AUDIT_INTERVAL_SECONDS",
            "RUNLEDGER_AUDIT_AGE_SECONDS",
            "RUNLEDGER_STREAMS_HEARTBEAT",
            "RUNLEDGER_LIMITS_STREAM_PARALLEL",
            "RUNLEDGER_WORK_TICK",
            "RUNLEDGER_OPERATIONS_PAGE",
            "RUNLEDGER_OPERATIONS_PARALLEL",
            "RUNLEDGER_TASKS_PARALLEL",
            "RUNLEDGER_TASKS_PAUSE",
            "RUNLEDGER_DEFINITIONS_CACHE_BYTES",
            "RUNLEDGER_IDEMPOTENCY_PATIENCE",
            "RUNLEDGER_CHECKPOINT_KEY",
            "RUNLEDGER_CHECKPOINT_INTERVAL",
            "RUNLEDGER_CHECKPOINT_SWEEP_POSITIONS");

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final LedgerClient ledger;
    private final PublishedApi api;
    private final String run;

    LimitsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
        api = new PublishedApi(ledger);
        run = ledger.queued();
    }

    /**
     * A limit of a value in a body.
     *
     * @param place of the value, as a JSON pointer
     * @param keyword as JSON Schema has it
     */
    private record Limit(String place, String keyword, long bound, JsonNode schema) {

        @Override
        public String toString() {
            return place + " " + keyword + " " + bound;
        }
    }

    private List<Limit> limits(Call call) {
        List<Limit> limits = new ArrayList<>();
        collect("", api.bodySchema(call), limits);
        return limits;
    }

    private void collect(String place, JsonNode given, List<Limit> limits) {
        JsonNode schema = api.resolved(given);
        for (String keyword : List.of("maxLength", "maxItems", "maxProperties", "maximum", "minimum")) {
            if (schema.has(keyword)) {
                limits.add(new Limit(place, keyword, schema.get(keyword).asLong(), schema));
            }
        }
        // What a task is made of may be nested; the outermost level stands for all of them.
        if (place.chars().filter(letter -> letter == '/').count() < 2) {
            schema.at("/properties")
                    .propertyStream()
                    .forEach(member -> collect(place + "/" + member.getKey(), member.getValue(), limits));
        }
    }

    @Test
    void what_is_over_a_published_limit_is_refused_with_its_place() {
        SoftAssertions all = new SoftAssertions();
        int tried = 0;
        for (Call call : bodies()) {
            for (Limit limit : limits(call)) {
                String body = over(call, limit);
                Answer answer = ledger.send(ledger.request(path(call))
                        .header("content-type", "application/json")
                        .method(call.method(), java.net.http.HttpRequest.BodyPublishers.ofString(body)));
                tried++;
                all.assertThat(answer.status())
                        .as("%s: %s: %s", call, limit, answer.body())
                        .isEqualTo(400);
                all.assertThat(answer.body()).as("%s: %s", call, limit).contains("\"" + limit.place());
            }
        }
        all.assertAll();
        assertThat(tried).isGreaterThan(80);
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(1);
        System.out.printf("published limits: %d tried%n", tried);
    }

    private List<Call> bodies() {
        return api.calls().stream()
                .filter(call -> call.contentType().equals("application/json"))
                .filter(call -> !limits(call).isEmpty())
                .sorted(Comparator.comparing(Call::path).thenComparing(Call::method))
                .toList();
    }

    private String path(Call call) {
        return call.path()
                .replace("/v1/runs/{id}", "/v1/runs/" + run)
                .replace("{kind}/{name}", "task/limits")
                .replace("{name}", "limits");
    }

    /** The least that the call takes, but for one value that is just over its limit. */
    private String over(Call call, Limit limit) {
        JsonNode body = MAPPER.readTree(api.body(call));
        JsonNode value = over(limit);
        if (limit.place().isEmpty()) {
            return value.toString();
        }
        String[] names = limit.place().substring(1).split("/");
        ObjectNode object = (ObjectNode) body;
        for (int i = 0; i < names.length - 1; i++) {
            JsonNode inner = object.get(names[i]);
            object = inner instanceof ObjectNode known ? known : object.putObject(names[i]);
        }
        object.set(names[names.length - 1], value);
        return body.toString();
    }

    private JsonNode over(Limit limit) {
        int more = Math.toIntExact(Math.max(0, limit.bound()) + 1);
        return switch (limit.keyword()) {
            case "maxLength" -> MAPPER.getNodeFactory().stringNode("x".repeat(more));
            case "maxItems" -> {
                ArrayNode array = MAPPER.createArrayNode();
                JsonNode item = api.sample(limit.schema().get("items"));
                for (int i = 0; i < more; i++) {
                    array.add(item);
                }
                yield array;
            }
            case "maxProperties" -> {
                ObjectNode object = MAPPER.createObjectNode();
                for (int i = 0; i < more; i++) {
                    object.put("k" + i, "v");
                }
                yield object;
            }
            case "maximum" -> MAPPER.getNodeFactory().numberNode(limit.bound() + 1);
            default -> MAPPER.getNodeFactory().numberNode(limit.bound() - 1);
        };
    }

    @Test
    void the_document_shows_what_is_published() throws IOException {
        new GeneratedPart(FILE, "the published description", LimitsTest.class).mustBe(table());
    }

    private String table() {
        StringJoiner lines = new StringJoiner("\n", "| call | limits of its body |\n|---|---|\n", "\n");
        for (Call call : bodies()) {
            Map<String, List<String>> byPlace = new LinkedHashMap<>();
            limits(call)
                    .forEach(limit -> byPlace.computeIfAbsent(limit.place(), _ -> new ArrayList<>())
                            .add(inWords(limit)));
            StringJoiner cell = new StringJoiner("<br>");
            byPlace.forEach((place, limits) ->
                    cell.add("`" + (place.isEmpty() ? "/" : place) + "` " + String.join(", ", limits)));
            lines.add("| `" + call + "` | " + cell + " |");
        }
        return lines.toString();
    }

    private static String inWords(Limit limit) {
        return switch (limit.keyword()) {
            case "maxLength" -> "≤ " + limit.bound() + " characters";
            case "maxItems" -> "≤ " + limit.bound() + " elements";
            case "maxProperties" -> "≤ " + limit.bound() + " members";
            case "maximum" -> "≤ " + limit.bound();
            default -> "≥ " + limit.bound();
        };
    }

    @Test
    void every_limit_that_can_be_set_stands_in_the_document_with_its_default_and_its_test() throws IOException {
        Map<String, String> settings = new TreeMap<>();
        Matcher setting = SETTING.matcher(Files.readString(SETTINGS));
        while (setting.find()) {
            settings.put(setting.group(1), setting.group(2));
        }
        NO_LIMIT.forEach(name -> assertThat(settings.remove(name)).as(name).isNotNull());
        Map<String, String> documented = new TreeMap<>();
        SoftAssertions all = new SoftAssertions();
        Map<String, Path> tests = tests();
        for (String line : Files.readAllLines(FILE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2));
                Path test = tests.get(row.group(3));
                all.assertThat(test).as(line).isNotNull();
                all.assertThat(test == null ? "" : Files.readString(test))
                        .as(line)
                        .contains(" " + row.group(4) + "(");
            }
        }
        all.assertAll();
        assertThat(documented).isEqualTo(settings);
    }

    private static Map<String, Path> tests() throws IOException {
        Map<String, Path> tests = new TreeMap<>();
        Predicate<Path> isTest = path -> path.toString().contains("src/test/java");
        for (String module : List.of("shared-api", "command-side", "query-side", "server")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
                files.filter(isTest.and(Files::isRegularFile))
                        .forEach(file -> tests.put(file.getFileName().toString().replace(".java", ""), file));
            }
        }
        return tests;
    }
}
