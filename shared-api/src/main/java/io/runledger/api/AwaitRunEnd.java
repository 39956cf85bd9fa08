package io.runledger.api;

import java.time.Duration;

/**
 * Asks for one run of a project when it has ended, or as it is when the patience is over; answered with a {@link RunView}
 * that comes later, at once when too many wait already.
 */
public record AwaitRunEnd(String project, RunId runId, Duration patience) {}
