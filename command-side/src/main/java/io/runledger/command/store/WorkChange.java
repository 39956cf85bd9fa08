package io.runledger.command.store;

import io.runledger.api.Concurrency;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command changes in the table of work, in the same commit as its events. */
public sealed interface WorkChange {

    RunId runId();

    /**
     * Nobody need wait for or watch the run any more.
     *
     * @param freesSlot whether it may have held a slot of a concurrency
     */
    record Gone(RunId runId, boolean freesSlot) implements WorkChange {}

    /**
     * How the run stands now.
     *
     * @param version the sequence number of the event that made it so; of a leased run, its fencing number
     * @param status scheduled, blocked, queued or running
     * @param runAt when a scheduled run is to be queued
     * @param expiresAt when it fails unless it was started
     * @param awaited the runs that it is blocked on; empty when it waits for none
     * @param slot the slot of its concurrency that it got with this change; null leaves a queued or running run the one
     *     it has, and any other has none
     */
    record Standing(
            RunId runId,
            long version,
            String project,
            RunStatus status,
            String queue,
            String target,
            int priority,
            @Nullable String worker,
            @Nullable Integer leaseSeconds,
            @Nullable Duration timeout,
            @Nullable Instant runAt,
            @Nullable Instant expiresAt,
            List<RunId> awaited,
            @Nullable Concurrency concurrency,
            @Nullable Integer slot)
            implements WorkChange {}
}
