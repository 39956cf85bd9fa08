package io.runledger.command.operation;

import io.runledger.api.Problem;

/**
 * How much bulk operations may do.
 *
 * @param mostRuns that one operation may be about
 * @param mostUnderWay operations of a project that may be under way at once
 * @param page runs after which the progress is noted, and other operations have their turn
 * @param parallel commands that a node sends at once
 */
public record OperationSettings(long mostRuns, int mostUnderWay, int page, int parallel) {

    /**
     * Checks how many runs an operation would be about.
     *
     * @throws Problem when there are more than it may be about
     */
    public void requireNotTooMany(long total) {
        if (total > mostRuns) {
            throw Problem.badRequest(
                    "/filter",
                    "wants more than " + mostRuns
                            + " runs, and an operation is about no more; narrow it, for example by created_before");
        }
    }
}
