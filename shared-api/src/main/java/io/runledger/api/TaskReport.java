package io.runledger.api;

import org.jspecify.annotations.Nullable;

/**
 * What a run made of tasks is told about one of them: that its run was started or has ended; or, without a run, that its
 * condition holds (queued), does not (skipped), or that it cannot be made (failed).
 *
 * @param version the sequence number of the event of its run that made it so; null when it is not about what its run did
 */
public record TaskReport(
        String task,
        @Nullable RunId runId,
        RunStatus status,
        @Nullable RunError error,
        @Nullable Long version) {}
