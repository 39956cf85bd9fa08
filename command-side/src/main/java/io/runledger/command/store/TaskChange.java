package io.runledger.command.store;

import io.runledger.api.RunId;
import io.runledger.command.workflow.TaskWish;
import java.util.List;

/**
 * What a command leaves to be done about tasks, in the same commit as its events.
 *
 * @param version the sequence number of the command's last event: what a later one leaves takes the place of this
 * @param parent the run that the tasks belong to; the run itself, unless it is a task that has something to report
 */
public record TaskChange(RunId runId, long version, String project, RunId parent, List<TaskWish> wishes) {}
