package io.runledger.command.idempotency;

import java.time.Duration;

/**
 * How long requests with an Idempotency-Key are remembered.
 *
 * @param kept for so long the same key means the same request
 * @param patience for so long a repeated request waits for the answer to the first one
 */
public record IdempotencySettings(Duration kept, Duration patience) {}
