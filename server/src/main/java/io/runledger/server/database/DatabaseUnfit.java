package io.runledger.server.database;

/** The ledger cannot start on this database; the message says what to do. */
class DatabaseUnfit extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseUnfit(String message) {
        super(message);
    }

    DatabaseUnfit(String message, Throwable cause) {
        super(message, cause);
    }
}
