package io.runledger.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event with everything that the ledger keeps about it, except its place in the whole ledger and its hash. */
public record StoredEvent(
        String id,
        String project,
        RunId runId,
        long sequence,
        String type,
        int version,
        Instant occurredAt,
        Instant recordedAt,
        String actor,
        @Nullable String correlationId,
        @Nullable String causationId,
        @Nullable String commandId,
        Json payload) {}
