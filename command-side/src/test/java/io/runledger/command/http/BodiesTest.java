package io.runledger.command.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.json.TestValidator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The limits of the contract, at the last value that is allowed and the first that is not. */
class BodiesTest {

    private final JsonBodies bodies = new JsonBodies(TestValidator.INSTANCE, 100, 0);

    @Test
    void the_longest_of_everything_in_a_create_is_taken() {
        Bodies.Create body = bodies.read(
                Bodies.Create.class,
                create("k".repeat(255), "n".repeat(100), labels(32), 100, 1_000, "c".repeat(64), "q".repeat(100)));

        assertThat(body.key()).hasSize(255);
        assertThat(body.labels()).hasSize(32);
    }

    @Test
    void one_more_of_everything_in_a_create_is_told_at_once() {
        assertThat(errors(
                        Bodies.Create.class,
                        create("k".repeat(256), "n".repeat(101), labels(33), 101, 1_001, "c".repeat(65), "-q")))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/key", "/name", "/labels", "/priority", "/max_attempts", "/command_id", "/queue");
    }

    @Test
    void a_create_needs_its_target_only() {
        assertThat(bodies.read(Bodies.Create.class, "{\"target\":\"task:x\"}").key())
                .isNull();
        assertThat(errors(Bodies.Create.class, "{}"))
                .extracting(FieldError::pointer)
                .containsExactly("/target");
        assertThat(errors(Bodies.Create.class, "{\"target\":\"job:x\"}")).hasSize(1);
    }

    @Test
    void errors_inside_an_error_and_inside_artifacts_have_their_own_pointers() {
        assertThat(errors(Bodies.Fail.class, "{\"error\":{\"message\":5,\"retryable\":\"no\",\"typo\":1}}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder("/error/code", "/error/message", "/error/retryable", "/error/typo");
        assertThat(errors(Bodies.Fail.class, "{}"))
                .extracting(FieldError::pointer)
                .containsExactly("/error");
        assertThat(
                        errors(
                                Bodies.Complete.class,
                                "{\"artifacts\":[{\"name\":\"a\"},{\"name\":\"\",\"size\":-1,\"sha256\":\"xyz\"},{\"url\":1}]}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/artifacts/1/name",
                        "/artifacts/1/size",
                        "/artifacts/1/sha256",
                        "/artifacts/2/name",
                        "/artifacts/2/url");
    }

    @Test
    void a_complete_takes_a_thousand_artifacts() {
        assertThat(bodies.read(Bodies.Complete.class, artifacts(1_000)).artifacts())
                .hasSize(1_000);
        assertThat(errors(Bodies.Complete.class, artifacts(1_001)))
                .extracting(FieldError::pointer)
                .containsExactly("/artifacts");
    }

    @Test
    void a_percentage_lies_between_nothing_and_everything() {
        for (String fine : List.of("0", "100", "33.3", "1e1", "0.0")) {
            assertThat(bodies.read(Bodies.Progress.class, "{\"percent\":" + fine + "}")
                            .percent())
                    .isBetween(0.0, 100.0);
        }
        for (String wrong : List.of("-0.1", "100.1", "1e300", "-1e300", "1e999", "\"50\"")) {
            assertThat(errors(Bodies.Progress.class, "{\"percent\":" + wrong + "}"))
                    .hasSize(1);
        }
    }

    @Test
    void a_lease_lasts_from_a_second_to_a_week() {
        assertThat(bodies.read(Bodies.Start.class, "{\"lease_seconds\":604800}").leaseSeconds())
                .isEqualTo(604_800);
        assertThat(errors(Bodies.Start.class, "{\"lease_seconds\":0}")).hasSize(1);
        assertThat(errors(Bodies.Start.class, "{\"lease_seconds\":604801}")).hasSize(1);
    }

    @Test
    void a_resume_may_say_resume_and_nothing_else() {
        assertThat(bodies.read(Bodies.Resume.class, "{\"action\":\"resume\"}").action())
                .isEqualTo("resume");
        assertThat(errors(Bodies.Resume.class, "{\"action\":\"restart\"}"))
                .containsExactly(new FieldError("/action", "must be resume"));
    }

    private List<FieldError> errors(Class<? extends Record> type, String text) {
        Problem problem = catchThrowableOfType(Problem.class, () -> bodies.read(type, text));
        assertThat(problem).as("the refusal of %s", text).isNotNull();
        return problem.errors();
    }

    private static String create(
            String key, String name, String labels, int priority, int attempts, String commandId, String queue) {
        return """
                {"target":"task:x","key":"%s","name":"%s","labels":%s,"priority":%d,"max_attempts":%d,
                 "command_id":"%s","queue":"%s"}""".formatted(key, name, labels, priority, attempts, commandId, queue);
    }

    private static String labels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"l" + i + "\":\"v\"")
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String artifacts(int count) {
        return "{\"artifacts\":["
                + IntStream.range(0, count)
                        .mapToObj(i -> "{\"name\":\"a" + i + "\"}")
                        .collect(Collectors.joining(","))
                + "]}";
    }
}
