package io.runledger.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Takes failures out of futures as they were before they went in. */
public final class Futures {

    private Futures() {}

    /**
     * Waits for the future's value.
     *
     * @throws RuntimeException what the future failed with
     */
    public static <T extends @Nullable Object> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (cause(e) instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** What a future failed with, told from what its followers were told. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
