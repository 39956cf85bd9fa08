package io.runledger.command.run;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.util.List;
import java.util.Map;

/** The ledger's no to a command; nothing was written. Knows the version it was decided on, so a stale no can be told. */
public final class RunRefused extends Problem {

    private static final long serialVersionUID = 1L;

    private final long version;

    private RunRefused(ProblemCode code, String detail, Map<String, Object> facts, long version) {
        super(code, detail, List.of(), facts);
        this.version = version;
    }

    /** The run's version that the decision was made on. */
    public long version() {
        return version;
    }

    static RunRefused invalidTransition(RunTransition wish, RunState state) {
        List<String> allowed = allowed(state);
        String detail = "A run that is %s does not take %s; %s."
                .formatted(
                        state.status().wireName(),
                        wish.wireName(),
                        allowed.isEmpty()
                                ? "nothing is allowed any more"
                                : "allowed now: " + String.join(", ", allowed));
        return new RunRefused(ProblemCode.INVALID_TRANSITION, detail, standing(state), state.version());
    }

    static RunRefused leaseLost(RunState state) {
        String detail = state.lease() == null
                ? "This lease is over; the run is " + state.status().wireName() + "."
                : "The run is leased; only the holder of the current lease_token may report.";
        return new RunRefused(ProblemCode.LEASE_LOST, detail, standing(state), state.version());
    }

    static RunRefused versionMismatch(RunState state) {
        String detail = "The run is at version " + state.version() + "; read it again and decide anew.";
        return new RunRefused(ProblemCode.VERSION_MISMATCH, detail, standing(state), state.version());
    }

    static RunRefused alreadyExists(RunState state) {
        return new RunRefused(ProblemCode.CONFLICT, "This run exists.", standing(state), state.version());
    }

    static RunRefused itemsNotLeased(RunState state) {
        String detail = "This lease of items is over, or they are not under it; leave them alone and claim others.";
        return new RunRefused(ProblemCode.LEASE_LOST, detail, standing(state), state.version());
    }

    static RunRefused itemsLeft(RunState state) {
        String detail = "The run ends with the result of its last item; "
                + state.batch().left() + " have none yet.";
        return new RunRefused(ProblemCode.CONFLICT, detail, standing(state), state.version());
    }

    static RunRefused madeOfTasks(RunState state) {
        String detail = "The run is made of tasks: it is started, and ends, by what becomes of them.";
        return new RunRefused(ProblemCode.CONFLICT, detail, standing(state), state.version());
    }

    static RunRefused inputsMissing(RunState state) {
        String detail = "The run was stopped before all of its inputs had come; it cannot go on.";
        return new RunRefused(ProblemCode.CONFLICT, detail, standing(state), state.version());
    }

    static RunRefused inputsOutOfOrder(RunState state) {
        String detail = "The run has " + state.batch().total() + " inputs; those that came do not follow them.";
        return new RunRefused(ProblemCode.CONFLICT, detail, standing(state), state.version());
    }

    private static List<String> allowed(RunState state) {
        List<RunTransition> rows = RunTransition.commandsIn(state.status());
        return rows.stream()
                .filter(row -> state.tasks() == null || !TaskDecider.isLeftToTasks(row))
                .map(RunTransition::wireName)
                .toList();
    }

    private static Map<String, Object> standing(RunState state) {
        return Map.of(
                "run_status", state.status(),
                "run_version", state.version(),
                "allowed", allowed(state));
    }
}
