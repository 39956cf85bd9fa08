package io.runledger.command.idempotency;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What came of a request's Idempotency-Key. */
public sealed interface Claim {

    /** The request attribute under which {@link Mine} stands while the request is carried out. */
    String ATTRIBUTE = "io.runledger.idempotency";

    /** The request attribute that says, by being there, that the answer holds a secret and may not be kept. */
    String NOT_KEPT_ATTRIBUTE = "io.runledger.idempotency.not-kept";

    /**
     * The request is to be carried out, perhaps again after a crash.
     *
     * @param id of what it makes, and of its command
     */
    record Mine(UUID id) implements Claim {}

    /** Somebody is at it. */
    record UnderWay() implements Claim {}

    /** The key stands for another request. */
    record OtherRequest() implements Claim {}

    /**
     * The request was answered.
     *
     * @param headers as JSON
     * @param body null when it could not be kept
     */
    record Answered(UUID id, int status, String headers, byte @Nullable [] body) implements Claim {}
}
