package io.runledger.command.task;

import java.time.Duration;

/**
 * How much runs made of tasks may take, and how they are looked after.
 *
 * @param mostTasks of one run
 * @param conditionChars of one condition
 * @param conditionSteps that all loops of one condition may take together
 * @param inputChars of a task's input, its references filled in
 * @param outputBytes of the results that are put together to be the output of a run, and of those that one task refers to
 * @param parallel steps that a node does at once, each of which may need a connection
 * @param pause how long to wait at most before looking again for what is left to be done
 */
public record TaskSettings(
        int mostTasks,
        int conditionChars,
        int conditionSteps,
        int inputChars,
        long outputBytes,
        int parallel,
        Duration pause) {}
