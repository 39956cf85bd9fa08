package io.runledger.api;

/**
 * Whose task a run is.
 *
 * @param runId the run that is made of tasks
 * @param rootId the run at the top, which is no task itself
 * @param task the key of the task in the plan of the parent
 */
public record Parent(RunId runId, RunId rootId, String task) {}
