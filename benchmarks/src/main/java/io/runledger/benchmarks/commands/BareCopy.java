package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Database;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** Rows that the ledger has written, copied into a table of the same columns, rules and indexes. */
final class BareCopy {

    private final String table;
    private final byte[] rows;
    private final long count;

    private BareCopy(String table, byte[] rows, long count) {
        this.table = table;
        this.rows = rows;
        this.count = count;
    }

    /** Takes the rows of this table whose place in the ledger is after that one. */
    static BareCopy of(Database database, String table, String place, long after) throws SQLException, IOException {
        String copy = "bare_copy_of_" + table.substring(table.indexOf('.') + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long count;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // What autovacuum did about it afterwards would be on the ledger's time.
            statement.execute("create table if not exists " + copy + " (like " + table
                    + " including all) with (autovacuum_enabled = off)");
            String made = "copy (select * from " + table + " where " + place + " > " + after + ") to stdout";
            count = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(made, out);
        }
        if (count == 0) {
            throw new IllegalStateException("The ledger has written nothing to " + table + ".");
        }
        return new BareCopy(copy, out.toByteArray(), count);
    }

    /** Empties the table, outside of what is measured. */
    void empty(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("truncate " + table);
        }
    }

    void copyIn(Connection connection) throws SQLException, IOException {
        long copied = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " from stdin", new ByteArrayInputStream(rows));
        if (copied != count) {
            throw new IllegalStateException(copied + " of " + count + " rows were copied to " + table + ".");
        }
    }
}
