package io.runledger.command.operation;

/**
 * How much bulk operations may do.
 *
 * @param mostRuns that one operation may be about
 * @param mostUnderWay operations of a project that may be under way at once
 * @param page runs after which the progress is noted, and other operations have their turn
 * @param parallel commands that a node sends at once
 */
public record OperationSettings(long mostRuns, int mostUnderWay, int page, int parallel) {}
