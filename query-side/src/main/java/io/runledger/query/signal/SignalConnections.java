package io.runledger.query.signal;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections to the ledger's database that stay open for long, so they must not come from the pool. */
@FunctionalInterface
public interface SignalConnections {

    /** A new connection; who asks for it closes it. */
    Connection open() throws SQLException;
}
