package io.runledger.api;

import java.util.List;

/** What a run made of tasks is to do; it is part of the run's creation and never changes. */
public record TaskPlan(FailurePolicy onFailure, List<PlannedTask> tasks) {}
