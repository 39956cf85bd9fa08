package io.runledger.server.postgres;

import io.runledger.server.CannotStart;
import org.jspecify.annotations.Nullable;

/** Says why the ledger's own PostgreSQL cannot be had, and always what to do next. */
public final class LocalPostgresFailure extends CannotStart {

    LocalPostgresFailure(String message) {
        this(message, null);
    }

    LocalPostgresFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
