package io.runledger.server;

import org.jspecify.annotations.Nullable;

/** The ledger cannot start, and whoever starts it can mend that; the message says how. */
public class CannotStart extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CannotStart(String message) {
        super(message);
    }

    public CannotStart(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
