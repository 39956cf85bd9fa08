package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The wire names that callers depend on, written out, so that renaming a constant is noticed. */
class VocabularyTest {

    @Test
    void there_are_fourteen_statuses_and_six_of_them_end_a_run() {
        assertThat(RunStatus.values())
                .extracting(RunStatus::wireName)
                .containsExactly(
                        "created",
                        "validating",
                        "invalid",
                        "scheduled",
                        "blocked",
                        "queued",
                        "running",
                        "stopped",
                        "finishing",
                        "succeeded",
                        "partially_succeeded",
                        "failed",
                        "cancelled",
                        "skipped");
        assertThat(List.of(RunStatus.values()).stream().filter(RunStatus::isEnd))
                .extracting(RunStatus::wireName)
                .containsExactly("invalid", "succeeded", "partially_succeeded", "failed", "cancelled", "skipped");
    }

    @Test
    void a_status_is_read_from_its_wire_name_only() {
        for (RunStatus status : RunStatus.values()) {
            assertThat(RunStatus.of(status.wireName())).isEqualTo(status);
        }
        assertThat(RunStatus.parse("RUNNING")).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> RunStatus.of("paused"));
    }

    @Test
    void a_mode_is_read_from_its_wire_name() {
        for (RunMode mode : RunMode.values()) {
            assertThat(RunMode.of(mode.wireName())).isEqualTo(mode);
        }
    }

    @Test
    void an_error_may_be_retried_unless_it_says_no() {
        assertThat(new RunError("c", "m", null, null).mayBeRetried()).isTrue();
        assertThat(new RunError("c", "m", true, null).mayBeRetried()).isTrue();
        assertThat(new RunError("c", "m", false, null).mayBeRetried()).isFalse();
    }

    @Test
    void a_problem_shows_its_members_in_order_and_its_facts_last() {
        Problem problem = new Problem(
                ProblemCode.KEY_TAKEN,
                "Run X has the key.",
                List.of(new FieldError("/key", "taken")),
                Map.of("run_id", "X"));

        assertThat(problem.document("/v1/runs").keySet())
                .containsExactly("type", "title", "status", "detail", "instance", "code", "errors", "run_id");
        assertThat(problem.document("/v1/runs"))
                .containsEntry("type", "urn:runledger:problem:key_taken")
                .containsEntry("status", 409)
                .containsEntry("code", "key_taken");
    }

    @Test
    void one_error_is_told_in_the_detail_and_many_are_counted() {
        assertThat(Problem.badRequest("/key", "is too long")).hasMessage("/key: is too long");
        assertThat(Problem.badRequest(List.of(new FieldError("/a", "x"), new FieldError("/b", "y"))))
                .hasMessage("2 things are wrong, see errors");
    }
}
