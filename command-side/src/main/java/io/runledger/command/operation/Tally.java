package io.runledger.command.operation;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.command.operation.Operation.Failure;
import io.runledger.command.operation.Operation.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a page of an operation came to, and the refusals of all its pages so far: counted, with a few examples. */
final class Tally {

    private static final int EXAMPLES = 10;

    private final Map<String, Failure> failures = new LinkedHashMap<>();
    private long done;
    private long failed;

    /** Goes on from what earlier pages came to. */
    Tally(List<Failure> before) {
        before.forEach(failure -> failures.put(failure.code(), failure));
    }

    /** A run has taken the command. */
    void done() {
        done++;
    }

    /** A run has refused it. */
    void refused(RunId run, Problem problem) {
        failed++;
        Failure before = failures.getOrDefault(
                problem.code().wireName(), new Failure(problem.code().wireName(), 0, List.of()));
        List<Refusal> examples = new ArrayList<>(before.examples());
        if (examples.size() < EXAMPLES) {
            examples.add(new Refusal(run, String.valueOf(problem.getMessage())));
        }
        failures.put(before.code(), new Failure(before.code(), before.runs() + 1, examples));
    }

    /** Of this page. */
    long countDone() {
        return done;
    }

    /** Of this page. */
    long countFailed() {
        return failed;
    }

    /** Of all pages, in the order in which the codes came first. */
    List<Failure> failures() {
        return List.copyOf(failures.values());
    }
}
