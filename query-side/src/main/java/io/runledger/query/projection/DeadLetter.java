package io.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.runledger.api.RunId;
import java.time.Instant;

/**
 * A run that a view could not follow any further.
 *
 * @param sequence of the event that could not be taken
 * @param events how many events of the run wait: that one and the later ones
 * @param cause why it could not be taken
 * @param retries how often it was tried again in vain
 */
public record DeadLetter(
        @JsonProperty("run_id") RunId runId,
        long sequence,
        long position,
        long events,
        String cause,
        @JsonProperty("parked_at") Instant parkedAt,
        int retries) {}
