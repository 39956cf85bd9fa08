package io.runledger.command.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunEvent;
import java.util.List;

/** A sentence about the rules: given these events, when this command, then these events or this refusal. */
final class RunSpec {

    private final RunState state = new RunState();
    private RunCommand command;

    private RunSpec() {}

    static RunSpec given(List<RunEvent> history, RunEvent... more) {
        RunSpec spec = new RunSpec();
        history.forEach(spec.state::evolve);
        List.of(more).forEach(spec.state::evolve);
        return spec;
    }

    static RunSpec given(RunEvent... history) {
        return given(List.of(), history);
    }

    RunSpec when(RunCommand command) {
        this.command = command;
        return this;
    }

    /** Then just these events; folds them, so that a story can go on with another {@link #when}. */
    RunSpec then(RunEvent... events) {
        assertThat(RunDecider.decide(command, state)).containsExactly(events);
        List.of(events).forEach(state::evolve);
        return this;
    }

    List<RunEvent> decided() {
        return RunDecider.decide(command, state);
    }

    /** Then one event of this type. */
    <E extends RunEvent> void thenOne(Class<E> type, java.util.function.Consumer<E> check) {
        assertThat(decided()).singleElement().isInstanceOfSatisfying(type, check);
    }

    RunSpec thenNothing() {
        return then();
    }

    Problem thenRefused(ProblemCode code) {
        Problem problem = catchThrowableOfType(Problem.class, () -> RunDecider.decide(command, state));
        assertThat(problem).as("the refusal of %s", command).isNotNull();
        assertThat(problem.code()).isEqualTo(code);
        return problem;
    }
}
