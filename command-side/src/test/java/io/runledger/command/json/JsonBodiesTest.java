package io.runledger.command.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Target;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class JsonBodiesTest {

    private static final int DEPTH = 100;

    private final JsonBodies bodies = new JsonBodies(TestValidator.INSTANCE, DEPTH, 0);

    /** One member of every type that bodies are made of. */
    record Body(
            @Size(min = 1, max = 3) @Nullable String text,
            @Max(10) @Nullable Integer wholeNumber,
            @Nullable Long largeNumber,
            @Nullable Double number,
            @Nullable Boolean flag,
            @Nullable Instant at,
            @Nullable Duration backoff,
            @Nullable Target target,
            @Nullable Json json,
            @Size(max = 2) @Nullable Map<@Size(min = 1, max = 3) String, @Size(max = 3) String> labels,
            @Size(max = 2) @Nullable List<Inner> list,
            @Nullable Inner inner) {}

    record Inner(
            @NotNull(message = "is required") String code,
            @Nullable Json details) {}

    @Test
    void a_large_body_waits_for_the_one_before_and_a_small_one_does_not() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger entered = new AtomicInteger();
        Validator slow = (Validator) Proxy.newProxyInstance(
                Validator.class.getClassLoader(), new Class<?>[] {Validator.class}, (_, _, _) -> {
                    entered.incrementAndGet();
                    goOn.await();
                    return Set.of();
                });
        JsonBodies slowBodies = new JsonBodies(slow, DEPTH, 1);
        String large = "{\"json\": \"" + "x".repeat(100_000) + "\"}";
        Thread first = Thread.ofVirtual().start(() -> slowBodies.read(Body.class, large));
        await().until(() -> entered.get() == 1);
        Thread second = Thread.ofVirtual().start(() -> slowBodies.read(Body.class, large));
        await().until(() -> second.getState() == Thread.State.WAITING);
        assertThat(entered).hasValue(1);

        Thread small = Thread.ofVirtual().start(() -> slowBodies.read(Body.class, "{}"));
        await().until(() -> entered.get() == 2);

        goOn.countDown();
        first.join();
        second.join();
        small.join();
        assertThat(entered.get()).isGreaterThan(2);
    }

    @Test
    void a_large_body_that_is_refused_gives_its_place_back() {
        JsonBodies one = new JsonBodies(TestValidator.INSTANCE, DEPTH, 1);
        String large = "{\"wrong\": \"" + "x".repeat(100_000) + "\"}";

        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowableOfType(Problem.class, () -> one.read(Body.class, large))
                            .errors())
                    .hasSize(1);
        }
    }

    @Test
    void every_type_is_read() {
        Body body = bodies.read(Body.class, """
                {"text": "abc", "whole_number": -7, "large_number": 9223372036854775807, "number": 1e2, "flag": true,
                 "at": "2026-01-31T12:00:00.5+01:00", "backoff": "PT30S", "target": "task:x", "json": {"b": 1.10, "a": []},
                 "labels": {"b": "1", "a": ""}, "list": [{"code": "c"}], "inner": {"code": "d", "details": [1]}}""");

        assertThat(body)
                .isEqualTo(new Body(
                        "abc",
                        -7,
                        Long.MAX_VALUE,
                        100.0,
                        true,
                        Instant.parse("2026-01-31T11:00:00.500Z"),
                        Duration.ofSeconds(30),
                        Target.of("task:x"),
                        new Json("{\"b\":1.10,\"a\":[]}"),
                        Map.of("b", "1", "a", ""),
                        List.of(new Inner("c", null)),
                        new Inner("d", new Json("[1]"))));
        assertThat(body.labels().keySet()).containsExactly("b", "a");
    }

    @Test
    void an_explicit_null_is_like_an_absent_member() {
        Body empty = bodies.read(Body.class, "{}");

        assertThat(bodies.read(Body.class, """
                {"text":null,"whole_number":null,"large_number":null,"number":null,"flag":null,"at":null,"backoff":null,
                 "target":null,"json":null,"labels":null,"list":null,"inner":null}""")).isEqualTo(empty);
        assertThat(errors("{\"inner\":{\"code\":null}}")).containsExactly(new FieldError("/inner/code", "is required"));
    }

    @Test
    void all_errors_are_told_at_once_with_their_pointers() {
        assertThat(errors("""
                {"text": 5, "whole_number": "1", "flag": 1, "typo": {"a": [1, 2]}, "inner": {"details": 1, "x/y~z": 2},
                 "labels": {"a": 1, "b/c": null, "d": "e"}, "list": [{"code": "c"}, {}, 7, null]}"""))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/text",
                        "/whole_number",
                        "/flag",
                        "/typo",
                        "/inner/code",
                        "/inner/x~1y~0z",
                        "/labels/a",
                        "/labels/b~1c",
                        "/list/1/code",
                        "/list/2",
                        "/list/3");
    }

    @Test
    void an_unknown_member_is_told_with_the_known_ones() {
        FieldError error = errors("{\"wholeNumber\":1}").getFirst();

        assertThat(error.pointer()).isEqualTo("/wholeNumber");
        assertThat(error.detail()).contains("unknown field").contains("whole_number");
    }

    @Test
    void a_doubled_member_is_an_error_wherever_it_is_ours() {
        assertThat(errors("{\"text\":\"a\",\"text\":\"a\"}")).containsExactly(new FieldError("/text", "given twice"));
        assertThat(errors("{\"labels\":{\"a\":\"b\",\"a\":\"c\"}}"))
                .containsExactly(new FieldError("/labels/a", "given twice"));
        assertThat(bodies.read(Body.class, "{\"json\":{\"a\":1,\"a\":2}}").json())
                .isEqualTo(new Json("{\"a\":1,\"a\":2}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "text|1|string",
                "text|true|string",
                "text|{}|string",
                "text|[\"a\"]|string",
                "whole_number|1.0|whole number",
                "whole_number|1e2|whole number",
                "whole_number|\"1\"|whole number",
                "whole_number|[]|whole number",
                "whole_number|2147483648|too large",
                "whole_number|-2147483649|too large",
                "large_number|9223372036854775808|too large",
                "large_number|999999999999999999999|whole number",
                "number|\"1\"|number",
                "number|1e400|too large",
                "number|true|number",
                "number|{}|number",
                "flag|0|true or false",
                "flag|\"true\"|true or false",
                "at|1769860800|string",
                "at|\"yesterday\"|RFC 3339",
                "at|\"2026-02-30T00:00:00Z\"|RFC 3339",
                "at|\"2026-01-31\"|RFC 3339",
                "at|\"2026-01-31T25:00:00Z\"|RFC 3339",
                "at|\"+10000-01-01T00:00:00Z\"|RFC 3339",
                "at|\"0000-01-01T00:00:00Z\"|RFC 3339",
                "at|\"0001-01-01T00:00:00+18:00\"|RFC 3339",
                "at|\"9999-12-31T23:59:59-18:00\"|RFC 3339",
                "at|\"\"|RFC 3339",
                "backoff|30|string",
                "backoff|\"30s\"|ISO 8601",
                "backoff|\"PT99999999999999999999S\"|ISO 8601",
                "target|\"job:x\"|kind:name",
                "target|{\"kind\":\"task\"}|string",
                "labels|[]|object",
                "labels|\"a\"|object",
                "list|{}|array",
                "list|\"a\"|array",
                "inner|[]|object",
                "inner|\"a\"|object"
            })
    void a_value_of_the_wrong_type_is_told(String member, String value, String detail) {
        List<FieldError> errors = errors("{\"" + member + "\":" + value + "}");

        assertThat(errors).hasSize(1);
        assertThat(errors.getFirst().pointer()).isEqualTo("/" + member);
        assertThat(errors.getFirst().detail()).contains(detail);
    }

    @Test
    void a_time_with_and_without_a_zone_is_taken_as_utc() {
        assertThat(at("2026-01-31T12:00:00Z")).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
        assertThat(at("2026-01-31T12:00:00")).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
        assertThat(at("2026-01-31T12:00:00.123456789-02:30"))
                .isEqualTo(Instant.parse("2026-01-31T14:30:00.123456789Z"));
        assertThat(at("0001-01-01T00:00:00Z")).isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
    }

    @Test
    void limits_of_members_elements_and_sizes_are_told() {
        assertThat(errors("{\"text\":\"abcd\",\"whole_number\":11}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder("/text", "/whole_number");
        assertThat(errors("{\"text\":\"\"}")).extracting(FieldError::pointer).containsExactly("/text");
        assertThat(errors("{\"labels\":{\"a\":\"abcd\"}}"))
                .extracting(FieldError::pointer)
                .containsExactly("/labels/a");
        assertThat(errors("{\"labels\":{\"abcd\":\"\",\"\":\"\"}}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder("/labels/abcd", "/labels/");
        assertThat(errors("{\"labels\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}"))
                .extracting(FieldError::pointer)
                .containsExactly("/labels");
        assertThat(errors("{\"list\":[{\"code\":\"\"},{\"code\":\"\"},{\"code\":\"\"}]}"))
                .extracting(FieldError::pointer)
                .containsExactly("/list");
    }

    @Test
    void lengths_count_characters_and_not_their_halves() {
        assertThat(bodies.read(Body.class, "{\"text\":\"🏠🏠🏠\"}").text()).isEqualTo("🏠🏠🏠");
        assertThat(errors("{\"text\":\"🏠🏠🏠🏠\"}")).hasSize(1);
        assertThat(bodies.read(Body.class, "{\"labels\":{\"🏠🏠🏠\":\"🏠🏠🏠\"}}")
                        .labels())
                .containsEntry("🏠🏠🏠", "🏠🏠🏠");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u0000", "a\\u0000b", "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800a"})
    void text_that_the_database_cannot_keep_is_refused_and_in_free_json_kept(String text) {
        assertThat(errors("{\"text\":\"" + text + "\"}"))
                .containsExactly(new FieldError("/text", "holds a NUL or half of a surrogate pair"));
        assertThat(errors("{\"labels\":{\"a\":\"" + text + "\"}}")).hasSize(1);
        assertThat(errors("{\"labels\":{\"" + text + "\":\"a\"}}")).hasSize(1);
        assertThat(bodies.read(Body.class, "{\"json\":\"" + text + "\"}").json())
                .isEqualTo(new Json("\"" + text + "\""));
    }

    @Test
    void a_pointer_can_always_be_answered_with() {
        for (FieldError error : errors("{\"\\ud800\":1,\"\\udc00/\":2,\"🏠\":3}")) {
            assertThat(new JsonMapper().writeValueAsBytes(error)).isNotEmpty();
        }
        assertThat(errors("{\"🏠\":3}").getFirst().pointer()).isEqualTo("/🏠");
    }

    @Test
    void a_body_with_very_many_errors_is_given_up() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 100_000; i++) {
            text.append('"').append(i).append("\":1,");
        }
        assertThat(errors(text + "\"z\":1}")).hasSize(100);
        assertThat(errors("{\"list\":[" + "1,".repeat(100_000) + "1]}")).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"text\"",
                "{\"text\":",
                "{\"text\":\"a",
                "{\"text\":\"a\",}",
                "{'text':'a'}",
                "{text:\"a\"}",
                "{\"number\":NaN}",
                "{\"number\":Infinity}",
                "{\"number\":01}",
                "{\"number\":.5}",
                "{\"number\":+1}",
                "{\"json\":[1,]}",
                "{\"json\":\"\\x\"}",
                "{\"json\":\"\t\"}",
                "\uFEFF{}",
                "// {}\n{}",
                "{\"json\":tru}",
                "}",
                "\u0000"
            })
    void what_is_no_json_is_a_bad_request_and_nothing_leaks(String text) {
        Problem problem = problem(text);

        assertThat(problem.code()).isEqualTo(ProblemCode.BAD_REQUEST);
        assertThat(problem.getMessage()).doesNotContain("tools.jackson").doesNotContain("Exception");
        assertThat(problem.errors()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"a\"", "1", "null", "true", "[{}]"})
    void a_body_that_is_no_object_is_told_so(String text) {
        assertThat(errors(text)).containsExactly(new FieldError("", "must be an object"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}{}", "{} x", "{}1", "{},"})
    void nothing_may_follow_the_end(String text) {
        assertThat(problem(text).code()).isEqualTo(ProblemCode.BAD_REQUEST);
    }

    @Test
    void nesting_ends_at_the_limit() {
        assertThat(bodies.read(Body.class, nested(DEPTH - 1)).json().text()).hasSize(2 * (DEPTH - 1));
        assertThat(errors(nested(DEPTH))).hasSize(1);
        assertThat(problem("{\"json\":" + "[".repeat(500_000)).code()).isEqualTo(ProblemCode.BAD_REQUEST);
        assertThat(problem("{\"json\":" + "{\"a\":".repeat(100_000)).code()).isEqualTo(ProblemCode.BAD_REQUEST);
        assertThat(problem("{\"typo\":" + "[".repeat(100_000)).code()).isEqualTo(ProblemCode.BAD_REQUEST);
        assertThat(problem("[".repeat(100_000)).code()).isEqualTo(ProblemCode.BAD_REQUEST);
    }

    @Test
    void a_number_of_a_thousand_digits_is_kept_and_of_ten_thousand_refused() {
        String thousand = "7".repeat(1_000);
        String tenThousand = "7".repeat(10_000);

        assertThat(bodies.read(Body.class, "{\"json\":" + thousand + "}").json())
                .isEqualTo(new Json(thousand));
        for (String member : List.of("json", "whole_number", "large_number", "number", "typo")) {
            assertThat(problem("{\"" + member + "\":" + tenThousand + "}").code())
                    .isEqualTo(ProblemCode.BAD_REQUEST);
        }
        assertThat(problem("{\"json\":0." + tenThousand + "}").code()).isEqualTo(ProblemCode.BAD_REQUEST);
    }

    @Test
    void a_name_of_a_megabyte_is_refused() {
        assertThat(problem("{\"" + "n".repeat(1 << 20) + "\":1}").code()).isEqualTo(ProblemCode.BAD_REQUEST);
    }

    @Test
    void members_of_the_envelope_are_left_alone() {
        String line = "{\"command\":\"note\",\"text\":\"a\",\"run\":\"x\"}";

        assertThat(bodies.read(Body.class, line, Set.of("command", "run")).text())
                .isEqualTo("a");
        assertThat(bodies.strings(line, Set.of("command", "run"))).isEqualTo(Map.of("command", "note", "run", "x"));
        assertThat(bodies.strings("{\"command\":[\"note\"],\"run\":1}", Set.of("command", "run")))
                .isEmpty();
    }

    @Test
    void a_member_of_the_envelope_must_be_storable_too() {
        Problem problem =
                catchThrowableOfType(Problem.class, () -> bodies.strings("{\"run\":\"key:\\u0000\"}", Set.of("run")));

        assertThat(problem.errors()).containsExactly(new FieldError("/run", JsonValues.NOT_STORABLE));
    }

    @Test
    void random_documents_are_taken_as_given() {
        for (long seed = 0; seed < 2_000; seed++) {
            RandomJson json = new RandomJson(seed);
            Json taken = bodies.read(Body.class, "{ \"json\" : " + json.loose() + " }")
                    .json();
            String expected = json.compact().equals("null") ? null : json.compact();
            assertThat(taken == null ? null : taken.text()).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void random_damage_is_a_bad_request_or_fine_and_never_another_failure() {
        Random random = new Random(20260131);
        String good =
                "{\"text\":\"abc\",\"number\":1.5,\"labels\":{\"a\":\"b\"},\"list\":[{\"code\":\"c\"}],\"json\":[1]}";
        for (int i = 0; i < 10_000; i++) {
            StringBuilder damaged = new StringBuilder(good);
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                int at = random.nextInt(damaged.length());
                damaged.setCharAt(at, "{}[]\",:0e-\\u\u0000é".charAt(random.nextInt(14)));
            }
            try {
                bodies.read(Body.class, damaged.toString());
            } catch (Problem problem) {
                assertThat(problem.code()).isEqualTo(ProblemCode.BAD_REQUEST);
            }
        }
    }

    private static String nested(int levels) {
        return "{\"json\":" + "[".repeat(levels) + "]".repeat(levels) + "}";
    }

    private @Nullable Instant at(String time) {
        return bodies.read(Body.class, "{\"at\":\"" + time + "\"}").at();
    }

    private List<FieldError> errors(String text) {
        return problem(text).errors();
    }

    private Problem problem(String text) {
        Problem problem = catchThrowableOfType(Problem.class, () -> bodies.read(Body.class, text));
        assertThat(problem)
                .as("the refusal of %s", text.length() > 200 ? "a long text" : text)
                .isNotNull();
        return problem;
    }
}
