package io.runledger.api;

import org.jspecify.annotations.Nullable;

/**
 * Asks for some of the runs that a filter wanted when the ledger was at a position, in the order of their creation;
 * answered with {@link NextRuns}.
 *
 * @param filter as in {@link FindRuns}
 * @param after up to where they are known already; null for nowhere yet
 * @param limit at most so many
 */
public record FindNextRuns(
        String project,
        Json filter,
        long position,
        @Nullable RunId after,
        int limit) {}
