package io.runledger.query.event;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event as the API shows it: everything that its hash covers, its place in the whole ledger, and the hash. */
@Schema(name = "Event")
record LedgerEvent(
        String id,
        String type,
        int version,
        RunId runId,
        long sequence,
        long position,
        Instant occurredAt,
        Instant recordedAt,
        String actor,
        @Nullable String correlationId,
        @Nullable String causationId,
        @Nullable String commandId,
        Json payload,

        @Schema(description = "SHA-256 of the previous event's hash and this event, in hex")
        String hash) {

    /** The event as the hash chain sees it. */
    StoredEvent stored(String project) {
        return new StoredEvent(
                id,
                project,
                runId,
                sequence,
                type,
                version,
                occurredAt,
                recordedAt,
                actor,
                correlationId,
                causationId,
                commandId,
                payload);
    }
}
