package io.runledger.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What goes with every command: whose project, who asks, when, and on which conditions.
 *
 * @param at when the ledger received the command
 * @param occurredAt when the thing happened in the world, if the caller says so
 * @param commandId the caller's own id of this command, unique in its run: sent again, it has no second effect
 * @param ifVersion the run's version that the command is meant for; null when any will do
 * @param requestId ties together what one request caused; the events' correlation id
 */
public record CommandContext(
        String project,
        String actor,
        Instant at,
        @Nullable Instant occurredAt,
        @Nullable String commandId,
        @Nullable Long ifVersion,
        String requestId) {

    /** When the thing happened: as claimed by the caller, else when the ledger was told. */
    public Instant effectiveAt() {
        return occurredAt == null ? at : occurredAt;
    }
}
