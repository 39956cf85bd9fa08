package io.runledger.api;

import org.jspecify.annotations.Nullable;

/**
 * What this node knows of the runs that it wrote to lately. Every command is answered with its run, so this one question
 * is asked without a bus between.
 */
@FunctionalInterface
public interface RememberedRuns {

    /** The run, if it is remembered at the version that the question wants, and there is no more to say about it. */
    @Nullable
    RunView view(FindRun query);
}
