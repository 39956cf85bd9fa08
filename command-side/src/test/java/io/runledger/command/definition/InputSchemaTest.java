package io.runledger.command.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.Definition;
import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunDefaults;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How inputs are judged, and that no schema and no input makes it endless. */
class InputSchemaTest {

    private static final DefinitionLimits LIMITS =
            new DefinitionLimits(10, 65_536, 1_000, 100_000, 500, Duration.ofMinutes(1), 1 << 20);

    private static final String PERSON = """
            {"type":"object","required":["name","a/b~c"],"additionalProperties":false,"properties":{
            "name":{"type":"string","minLength":1},"a/b~c":{"type":"integer"},
            "tags":{"type":"array","items":{"enum":["x","y"]}},"price":{"multipleOf":0.01,"maximum":10}}}""";

    private static InputSchema compile(String schema) {
        return InputSchema.compile(new Json(schema), "/input_schema", LIMITS);
    }

    private static List<FieldError> errors(String schema, String input) {
        return compile(schema).errors(new Json(input), "/input");
    }

    private static List<FieldError> refusal(String schema, DefinitionLimits limits) {
        return catchThrowableOfType(Problem.class, () -> InputSchema.compile(new Json(schema), "/input_schema", limits))
                .errors();
    }

    private static CompiledDefinition definition(String schema, DefinitionLimits limits) {
        return new CompiledDefinition(
                1, new Definition(new Json(schema), List.of(), RunDefaults.NONE, null, null), limits);
    }

    @Test
    void an_input_that_keeps_to_the_schema_is_good() {
        assertThat(errors(PERSON, "{\"name\":\"n\",\"a/b~c\":1.0,\"tags\":[\"x\"],\"price\":9.99}"))
                .isEmpty();
    }

    @Test
    void everything_that_is_wrong_is_told_at_once_with_its_place() {
        assertThat(errors(PERSON, "{\"a/b~c\":1.5,\"tags\":[\"x\",\"z\",3],\"price\":10.001,\"more\":1}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/input/name",
                        "/input/a~1b~0c",
                        "/input/tags/1",
                        "/input/tags/2",
                        "/input/price",
                        "/input/price",
                        "/input/more");
        assertThat(errors(PERSON, "[]")).extracting(FieldError::pointer).containsExactly("/input");
    }

    @Test
    void no_more_is_told_than_people_read() {
        String many = "[" + String.join(",", Collections.nCopies(1_000, "1")) + "]";
        assertThat(errors("{\"items\":{\"type\":\"string\"}}", many)).hasSize(100);
        assertThat(errors("{\"uniqueItems\":true}", many)).hasSize(1);
        String longName = "n".repeat(5_000);
        assertThat(errors("{\"additionalProperties\":false}", "{\"" + longName + "\":1}"))
                .allSatisfy(error -> {
                    assertThat(error.pointer()).hasSizeLessThan(600);
                    assertThat(error.detail()).hasSizeLessThan(600);
                });
    }

    @Test
    void half_of_a_surrogate_pair_is_told_of_in_a_way_that_can_be_sent() {
        assertThat(errors("{\"additionalProperties\":false}", "{\"\\ud800\":1}"))
                .extracting(FieldError::pointer)
                .containsExactly("/input/\uFFFD");
    }

    @Test
    void numbers_are_judged_digit_by_digit() {
        assertThat(errors("{\"multipleOf\":0.01}", "19.99")).isEmpty();
        assertThat(errors("{\"const\":12345678901234567890.1}", "12345678901234567890.10"))
                .isEmpty();
        assertThat(errors("{\"const\":12345678901234567890}", "12345678901234567891"))
                .hasSize(1);
        assertThat(errors("{\"maximum\":1}", "1.0000000000000000000001")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"unevaluatedProperties\":false,\"allOf\":[{\"properties\":{\"a\":true}}]}",
                "{\"dependentRequired\":{\"b\":[\"a\"]}}",
                "{\"$ref\":\"#/$defs/d\",\"$defs\":{\"d\":{\"required\":[\"a\"]}}}",
                "{\"$dynamicRef\":\"#d\",\"$defs\":{\"d\":{\"$dynamicAnchor\":\"d\",\"required\":[\"a\"]}}}",
                "{\"$id\":\"https://example.com/mine\",\"$ref\":\"mine#/$defs/d\",\"$defs\":{\"d\":{\"required\":[\"a\"]}}}",
                "{\"if\":{\"required\":[\"b\"]},\"then\":{\"required\":[\"a\"]}}",
                "{\"prefixItems\":[true],\"propertyNames\":{\"pattern\":\"^a$\"}}",
                "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"not\":{\"required\":[\"b\"]}}",
                "false"
            })
    void the_draft_is_2020_12(String schema) {
        assertThat(errors(schema, "{\"b\":1}")).isNotEmpty();
    }

    @Test
    void formats_are_not_judged() {
        assertThat(errors("{\"format\":\"date-time\"}", "\"yesterday\"")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | /input_schema",
                "{\"type\":\"objekt\"} | /input_schema/type",
                "{\"properties\":{\"a\":{\"minLength\":-1}}} | /input_schema/properties/a/minLength",
                "{\"type\":\"string\",\"type\":\"object\"} | /input_schema/type",
                "{\"maximum\":1e999999999} | /input_schema/maximum",
                "{\"$ref\":\"#/$defs/none\"} | /input_schema",
                "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/none\"}}} | /input_schema",
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"} | /input_schema",
                "{\"$ref\":\"classpath:application.yaml\"} | /input_schema",
                "{\"$ref\":\"file:///etc/hostname\"} | /input_schema",
                "{\"pattern\":\"(?=a)\"} | /input_schema",
                "{\"pattern\":\"(a)\\\\1\"} | /input_schema",
                "{\"patternProperties\":{\"(\":true}} | /input_schema"
            })
    void a_schema_that_cannot_be_used_is_refused_with_its_place(String schema, String pointer) {
        assertThat(refusal(schema, LIMITS)).isNotEmpty().allSatisfy(error -> {
            assertThat(error.pointer()).isEqualTo(pointer);
            assertThat(error.detail()).isNotBlank().doesNotContain("networknt", "tools.jackson");
        });
    }

    @Test
    void all_patterns_that_cannot_be_read_are_told_at_once() {
        assertThat(refusal(
                        "{\"pattern\":\"(\",\"items\":{\"pattern\":\"[\"},\"patternProperties\":{\"*\":true}}", LIMITS))
                .hasSize(3);
    }

    @Test
    void nothing_is_fetched_from_elsewhere() throws Exception {
        try (ServerSocket elsewhere = new ServerSocket(0)) {
            CompletableFuture<Void> visit = CompletableFuture.runAsync(() -> accept(elsewhere));
            String address = "http://localhost:" + elsewhere.getLocalPort() + "/schema";
            assertThat(refusal("{\"$ref\":\"" + address + "\"}", LIMITS)).hasSize(1);
            assertThat(refusal("{\"$schema\":\"" + address + "\"}", LIMITS)).hasSize(1);
            assertThat(errors("{\"$dynamicRef\":\"" + address + "\"}", "1")).hasSize(1);
            assertThat(errors("{\"$id\":\"" + address + "\",\"type\":\"string\"}", "\"s\""))
                    .isEmpty();
            assertThat(visit).isNotDone();
        }
    }

    private static void accept(ServerSocket socket) {
        try (var visitor = socket.accept()) {
            assertThat(visitor).isNull();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void what_one_schema_calls_itself_means_nothing_to_another() {
        compile("{\"$id\":\"https://example.com/theirs\",\"type\":\"string\"}");
        assertThat(refusal("{\"$ref\":\"https://example.com/theirs\"}", LIMITS)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Schemas that go round in a circle, and that double with every level.
                "{\"$ref\":\"#\"} | 1",
                "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]} | 1",
                "{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"properties\":{\"c\":{\"allOf\":[{\"$ref\":\"#/$defs/n\"},"
                        + "{\"$ref\":\"#/$defs/n\"}]}}}}} | NESTED",
                "{\"anyOf\":[{\"items\":{\"$ref\":\"#\"}},{\"items\":{\"$ref\":\"#\"}}],\"type\":\"array\"} | DEEP",
                // More errors than there is memory for.
                "{\"uniqueItems\":true} | ONES",
                "{\"items\":{\"type\":\"string\"}} | ONES",
                // Patterns that others would try in billions of ways.
                "{\"pattern\":\"^(((a+)+)+)+$\"} | AS",
                "{\"pattern\":\"((a*){9}){8}$\"} | AS",
                "{\"items\":{\"pattern\":\"(a|aa|aaa|a*)*b\"}} | MANY_AS"
            })
    void a_judgement_that_takes_too_long_is_given_up(String hostile) throws Exception {
        String[] parts = hostile.split(" \\| ");
        String input = switch (parts[1]) {
            case "NESTED" -> "{\"c\":".repeat(90) + "1" + "}".repeat(90);
            case "DEEP" -> "[".repeat(90) + "1" + "]".repeat(90);
            case "ONES" -> "[" + "1,".repeat(200_000) + "1]";
            case "AS" -> "\"" + "a".repeat(1_000_000) + "!\"";
            case "MANY_AS" -> "[" + ("\"" + "a".repeat(1_000) + "\",").repeat(1_000) + "1]";
            default -> parts[1];
        };
        // As in the server, on a virtual thread: its stack must be deep enough.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<FieldError> errors =
                    threads.submit(() -> errors(parts[0], input)).get();
            assertThat(errors).hasSize(1);
            assertThat(errors.getFirst().pointer()).isEqualTo("/input");
            assertThat(errors.getFirst().detail()).contains("100000 steps");
        }
    }

    @Test
    void the_deepest_input_is_judged_by_the_deepest_schema() {
        String schema = "{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"properties\":{\"c\":{\"anyOf\":[{\"allOf\":"
                + "[{\"$ref\":\"#/$defs/n\"}]}]}}}}}";
        assertThat(errors(schema, "{\"c\":".repeat(99) + "1" + "}".repeat(99))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "[1e999999999], /input/0",
        "'{\"a\":1e-999999999}', /input/a",
        "'{\"a\":[{\"b\":1,\"b\":2}]}', /input/a/0/b"
    })
    void what_no_schema_can_judge_is_refused_with_its_place(String input, String pointer) {
        assertThat(errors("{\"multipleOf\":3}", input))
                .extracting(FieldError::pointer)
                .containsExactly(pointer);
    }

    @Test
    void every_limit_is_that_of_the_settings() {
        String string = "{\"type\":\"string\"}";
        assertThat(refusal(string, limits(string.length() - 1, 1_000, 100, Duration.ZERO))
                        .getFirst()
                        .detail())
                .isEqualTo("is larger than 16 bytes");
        InputSchema.compile(new Json(string), "/input_schema", limits(string.length(), 0, 1_000, Duration.ZERO));

        String pattern = "{\"pattern\":\"(ab){4}\"}";
        InputSchema.compile(new Json(pattern), "/input_schema", limits(1_000, 28, 1_000, Duration.ZERO));
        assertThat(refusal(pattern, limits(1_000, 27, 1_000, Duration.ZERO))
                        .getFirst()
                        .detail())
                .contains("more than 27");

        String items = "{\"items\":{\"type\":\"integer\"}}";
        assertThat(definition(items, limits(1_000, 0, 1_000, Duration.ofDays(1))))
                .satisfies(good -> good.check(null, new Json("[1,2,3]"), null));
        assertThat(catchThrowableOfType(
                                Problem.class,
                                () -> definition(items, limits(1_000, 0, 300, Duration.ZERO))
                                        .check(null, new Json("[" + "1,".repeat(300) + "1]"), null))
                        .errors()
                        .getFirst()
                        .detail())
                .contains("300 steps");
    }

    private static DefinitionLimits limits(int schemaBytes, int patternSize, int steps, Duration time) {
        return new DefinitionLimits(10, schemaBytes, patternSize, steps, 500, time, 1 << 20);
    }

    @Test
    void the_largest_schema_is_taken_under_the_limits_of_a_server() {
        StringBuilder schema = new StringBuilder("{\"properties\":{");
        for (int i = 0; schema.length() < 65_000; i++) {
            schema.append("\"p").append(i).append("\":{\"type\":\"string\"},");
        }
        schema.append("\"last\":{\"type\":\"integer\"}}}");
        assertThat(definition(schema.toString(), limits(65_536, 1_000, 1_000_000, Duration.ofMinutes(1))))
                .isNotNull();
    }

    @Test
    void a_batch_that_takes_too_long_is_given_up_as_a_whole() {
        CompiledDefinition impatient = definition("{}", limits(1_000, 0, 1_000, Duration.ofNanos(-1)));
        Problem refusal = catchThrowableOfType(
                Problem.class, () -> impatient.check(null, null, List.of(new Json("1"), new Json("2"))));
        assertThat(refusal.errors()).extracting(FieldError::pointer).containsExactly("/inputs");
    }

    @Test
    void each_input_of_a_batch_is_told_by_its_index() {
        CompiledDefinition numbers = definition("{\"type\":\"object\",\"required\":[\"n\"]}", LIMITS);
        List<Json> inputs = List.of(new Json("{\"n\":1}"), new Json("{}"), new Json("{\"n\":2}"), new Json("3"));
        assertThat(catchThrowableOfType(Problem.class, () -> numbers.check(null, null, inputs))
                        .errors())
                .extracting(FieldError::pointer)
                .containsExactly("/inputs/1/n", "/inputs/3");
        List<Json> bad = Collections.nCopies(5_000, new Json("0"));
        assertThat(catchThrowableOfType(Problem.class, () -> numbers.check(null, null, bad))
                        .errors())
                .hasSize(100);
    }

    @Test
    void a_missing_input_is_wrong_unless_the_schema_takes_null() {
        assertThat(catchThrowableOfType(
                                Problem.class, () -> definition(PERSON, LIMITS).check(null, null, null))
                        .errors())
                .extracting(FieldError::pointer)
                .containsExactly("/input");
        definition("{\"type\":[\"object\",\"null\"]}", LIMITS).check(null, null, null);
        definition("{}", LIMITS).check("any", null, null);
    }

    @Test
    void a_stage_must_be_one_of_the_definition() {
        CompiledDefinition staged = new CompiledDefinition(
                1,
                new Definition(
                        new Json("{\"type\":\"string\"}"), List.of("draft", "live"), RunDefaults.NONE, null, null),
                LIMITS);
        staged.check("draft", new Json("\"s\""), null);
        staged.check(null, new Json("\"s\""), null);
        assertThat(catchThrowableOfType(Problem.class, () -> staged.check("Draft", new Json("1"), null))
                        .errors())
                .extracting(FieldError::pointer)
                .containsExactly("/stage", "/input");
    }
}
