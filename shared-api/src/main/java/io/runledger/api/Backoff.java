package io.runledger.api;

import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** How long to wait before the next attempt: {@code initial}, multiplied by {@code factor} each time, up to {@code max}. */
public record Backoff(
        Duration initial, @Nullable Double factor, @Nullable Duration max) {

    private static final double DEFAULT_FACTOR = 2;

    /** At most this part of a wait is left out at random, so that runs that failed together do not come back together. */
    private static final double JITTER = 0.2;

    private static final Duration LONGEST = Duration.ofDays(1);

    /** The wait after this many failed attempts (1 = the first); never longer than {@code max}, or a day. */
    public Duration afterAttempt(int failedAttempts) {
        Duration limit = max == null ? LONGEST : max;
        double millis = initial.toMillis() * Math.pow(factor == null ? DEFAULT_FACTOR : factor, failedAttempts - 1.0);
        return millis >= limit.toMillis() ? limit : Duration.ofMillis((long) millis);
    }

    /**
     * The wait of this run after so many failed attempts: at most {@link #afterAttempt(int)}, and at least four fifths of
     * it. The same run and attempt always give the same wait, so that deciding again decides the same.
     */
    public Duration afterAttempt(int failedAttempts, RunId run) {
        long seed = run.value().getLeastSignificantBits() * 31 + failedAttempts;
        double part = new SplittableRandom(seed).nextDouble();
        return Duration.ofMillis((long) (afterAttempt(failedAttempts).toMillis() * (1 - JITTER * part)));
    }
}
