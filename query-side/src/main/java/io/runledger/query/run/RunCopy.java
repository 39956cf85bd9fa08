package io.runledger.query.run;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Adds rows of runs that the table of a generation does not have yet, through COPY in its binary form: at most half of what
 * an insert costs, which has to look for the row first. Joins the caller's transaction.
 */
final class RunCopy {

    /** So many bytes are collected before they are sent. */
    private static final int SENT_BYTES = 1 << 16;

    private static final List<RunColumn<?>> COLUMNS =
            Stream.concat(Stream.of(RunColumn.ID), RunColumns.ALL.stream()).toList();

    private final JdbcTemplate jdbc;
    private final String sql;

    RunCopy(DataSource dataSource, int generation) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.sql = "copy view.run_%d (%s) from stdin (format binary)"
                .formatted(generation, RunColumns.names(RunColumns.ALL));
    }

    /** Adds these rows. */
    void add(Collection<RunRow> rows) {
        if (!rows.isEmpty()) {
            jdbc.execute((ConnectionCallback<Long>) connection -> {
                CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
                try {
                    send(rows, copy);
                    return copy.endCopy();
                } finally {
                    // What was not ended has failed, and the connection goes on with something else.
                    if (copy.isActive()) {
                        copy.cancelCopy();
                    }
                }
            });
        }
    }

    private static void send(Collection<RunRow> rows, CopyIn copy) throws SQLException {
        BinaryRows binary = new BinaryRows(2 * SENT_BYTES);
        for (RunRow row : rows) {
            binary.row(COLUMNS.size());
            for (RunColumn<?> column : COLUMNS) {
                column.copy(row, binary);
            }
            if (binary.size() > SENT_BYTES) {
                flush(binary, copy);
            }
        }
        binary.end();
        flush(binary, copy);
    }

    private static void flush(BinaryRows binary, CopyIn copy) throws SQLException {
        copy.writeToCopy(binary.array(), 0, binary.size());
        binary.clear();
    }
}
