package io.runledger.query.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.runledger.api.Json;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An event in the form of CloudEvents 1.0. Numbers are texts that sort as numbers do, as the extension "sequence" of
 * CloudEvents wants it, and because its integers end at 32 bits.
 */
@Schema(name = "CloudEvent")
@JsonInclude(JsonInclude.Include.NON_NULL)
record CloudEvent(
        String specversion,
        String id,
        String source,
        String type,

        @Schema(description = "The run's id") String subject,

        @Schema(description = "When it happened in the world")
        Instant time,

        String datacontenttype,

        @Schema(description = "Names the type and the version of the payload")
        String dataschema,

        @Schema(description = "The event's place in its run, with leading zeros")
        String sequence,

        @Schema(description = "The event's place in the whole ledger, with leading zeros")
        String position,

        @Schema(description = "When the ledger wrote it down")
        Instant recordedtime,

        String actor,
        @Nullable String correlationid,
        @Nullable String causationid,

        @Schema(description = "The event's place in the run's hash chain, in hex")
        String hash,

        Json data) {

    /** The media type of several in one body. */
    static final String BATCH = "application/cloudevents-batch+json";

    static CloudEvent of(String project, LedgerEvent event) {
        return new CloudEvent(
                "1.0",
                event.id(),
                "/projects/" + project,
                event.type(),
                event.runId().toString(),
                event.occurredAt(),
                "application/json",
                "urn:runledger:event:" + event.type() + ":" + event.version(),
                sortable(event.sequence()),
                sortable(event.position()),
                event.recordedAt(),
                event.actor(),
                event.correlationId(),
                event.causationId(),
                event.hash(),
                event.payload());
    }

    private static String sortable(long number) {
        return String.format(Locale.ROOT, "%019d", number);
    }
}
