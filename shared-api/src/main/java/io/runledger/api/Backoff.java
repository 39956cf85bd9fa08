package io.runledger.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long to wait before the next attempt: {@code initial}, multiplied by {@code factor} each time, up to {@code max}. */
public record Backoff(
        Duration initial, @Nullable Double factor, @Nullable Duration max) {

    private static final double DEFAULT_FACTOR = 2;
    private static final Duration LONGEST = Duration.ofDays(1);

    /** The wait after this many failed attempts (1 = the first); never longer than {@code max}, or a day. */
    public Duration afterAttempt(int failedAttempts) {
        Duration limit = max == null ? LONGEST : max;
        double millis = initial.toMillis() * Math.pow(factor == null ? DEFAULT_FACTOR : factor, failedAttempts - 1.0);
        return millis >= limit.toMillis() ? limit : Duration.ofMillis((long) millis);
    }
}
