package io.runledger.command.operation;

import io.runledger.api.NextRuns;
import io.runledger.api.RunId;

/** What carrying out an operation consists of. */
public interface OperationPlan {

    /** At most so many of the runs that come next, as the operation's filter wanted them at its position. */
    NextRuns next(Operation operation, int limit);

    /**
     * Gives one run the operation's command. Given again, it has no second effect.
     *
     * @throws io.runledger.api.Problem when the run refuses it
     */
    void carryOut(Operation operation, RunId run);
}
