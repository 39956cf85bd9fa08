package io.runledger.command.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Queries that follow the order of an index, whatever their values and however large the table is, by a plan that is made
 * once and kept: planning takes several times as long as carrying them out. PostgreSQL would make the plan anew for the
 * end of a table, and would keep one from when the table was small that reads and sorts all of it; or one for a number
 * of rows that it guesses from the size of the table, and join all of it to the eight that a limit leaves.
 */
public final class IndexOrder {

    // Sent together with the query; both are one transaction, with whose end the settings go.
    private static final String SETTINGS = """
            select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
                set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
                set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
            """;

    private IndexOrder() {}

    /** Prepares a query on a connection in auto-commit mode; one round trip, and a transaction of its own. */
    public static PreparedStatement prepare(Connection connection, String query) throws SQLException {
        return connection.prepareStatement(SETTINGS + query);
    }

    /** Carries out what {@link #prepare} gave. */
    public static ResultSet rows(PreparedStatement statement) throws SQLException {
        statement.execute();
        statement.getMoreResults();
        return statement.getResultSet();
    }
}
