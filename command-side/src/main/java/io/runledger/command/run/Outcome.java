package io.runledger.command.run;

import io.runledger.api.RunId;
import org.jspecify.annotations.Nullable;

/**
 * What a command came to.
 *
 * @param version the run's version after it
 * @param lease the fencing token that a start hands out; null for a start without a lease, and for every other command
 * @param written false when it repeated what had already happened
 */
public record Outcome(RunId runId, long version, @Nullable Long lease, boolean written) {}
