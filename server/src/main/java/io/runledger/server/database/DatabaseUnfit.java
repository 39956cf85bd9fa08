package io.runledger.server.database;

import io.runledger.server.CannotStart;

/** The ledger cannot start on this database; the message says what to do. */
class DatabaseUnfit extends CannotStart {

    private static final long serialVersionUID = 1L;

    DatabaseUnfit(String message) {
        super(message);
    }

    DatabaseUnfit(String message, Throwable cause) {
        super(message, cause);
    }
}
