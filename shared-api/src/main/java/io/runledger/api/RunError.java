package io.runledger.api;

import org.jspecify.annotations.Nullable;

/** Why an attempt or a run failed. A missing {@code retryable} means yes. */
public record RunError(
        String code,
        String message,
        @Nullable Boolean retryable,
        @Nullable Json details) {

    /** Whether another attempt may be made after this error. */
    public boolean mayBeRetried() {
        return !Boolean.FALSE.equals(retryable);
    }
}
