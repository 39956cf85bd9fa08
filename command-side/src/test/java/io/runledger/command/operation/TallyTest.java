package io.runledger.command.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.operation.Operation.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final Problem ENDED = new Problem(ProblemCode.INVALID_TRANSITION, "It has ended.");
    private static final Problem RACED = new Problem(ProblemCode.CONFLICT, "Others came first.");

    private static RunId run(int number) {
        return RunId.at(0, 0, number);
    }

    @Test
    void a_page_counts_its_own_runs() {
        Tally tally = new Tally(List.of(new Failure("conflict", 3, List.of())));

        tally.done();
        tally.refused(run(1), ENDED);
        tally.done();

        assertThat(tally.countDone()).isEqualTo(2);
        assertThat(tally.countFailed()).isEqualTo(1);
    }

    @Test
    void refusals_go_on_from_those_of_the_pages_before() {
        Tally first = new Tally(List.of());
        first.refused(run(1), RACED);
        first.refused(run(2), ENDED);
        Tally second = new Tally(first.failures());

        second.refused(run(3), RACED);

        assertThat(second.failures())
                .containsExactly(
                        new Failure(
                                "conflict",
                                2,
                                List.of(
                                        new Operation.Refusal(run(1), "Others came first."),
                                        new Operation.Refusal(run(3), "Others came first."))),
                        new Failure("invalid_transition", 1, List.of(new Operation.Refusal(run(2), "It has ended."))));
    }

    @Test
    void of_each_reason_ten_runs_are_named_and_all_are_counted() {
        Tally tally = new Tally(List.of());
        for (int i = 0; i < 1_000; i++) {
            tally.refused(run(i), ENDED);
        }

        Failure failure = tally.failures().getFirst();
        assertThat(failure.runs()).isEqualTo(1_000);
        assertThat(failure.examples())
                .hasSize(10)
                .extracting(Operation.Refusal::runId)
                .startsWith(run(0), run(1));
    }
}
