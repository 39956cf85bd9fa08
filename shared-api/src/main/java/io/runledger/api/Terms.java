package io.runledger.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * On which terms a run is executed, beside its attempts.
 *
 * @param timeout how long one attempt may take
 * @param expiresAt when the run fails with {@code expired} unless it was started before
 * @param dependsOn the runs of the same project that must have succeeded before this one is queued
 */
public record Terms(
        @Nullable Duration timeout,
        @Nullable Instant expiresAt,
        @Nullable Concurrency concurrency,
        @Nullable List<RunId> dependsOn) {

    /** No terms at all. */
    public static final Terms NONE = new Terms(null, null, null, null);

    /** The runs to wait for; empty when there are none. */
    public List<RunId> awaited() {
        return dependsOn == null ? List.of() : dependsOn;
    }
}
