package io.runledger.benchmarks.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/** Rows for one table on their way through COPY in its text form. */
final class CopyLines implements AutoCloseable {

    private static final int BUFFER = 1 << 16;

    private final Connection connection;
    private final String sql;
    private final int rowsPerStatement;
    private final StringBuilder line = new StringBuilder(1_024);
    private @Nullable PGCopyOutputStream out;
    private int rows;

    /** Rows for these columns; a statement ends after so many of them, and the next one begins. */
    CopyLines(Connection connection, String table, String columns, int rowsPerStatement) {
        this.connection = connection;
        this.sql = "copy " + table + " (" + columns + ") from stdin";
        this.rowsPerStatement = rowsPerStatement;
    }

    /** The next value of the row. */
    CopyLines add(@Nullable Object value) {
        if (!line.isEmpty()) {
            line.append('\t');
        }
        if (value == null) {
            line.append("\\N");
        } else {
            escape(value.toString());
        }
        return this;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> line.append("\\\\");
                case '\t' -> line.append("\\t");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                default -> line.append(c);
            }
        }
    }

    /** The row is complete. */
    void end() throws SQLException {
        line.append('\n');
        try {
            if (out == null) {
                out = new PGCopyOutputStream(connection.unwrap(PGConnection.class), sql, BUFFER);
            }
            out.write(line.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        line.setLength(0);
        if (++rows == rowsPerStatement) {
            close();
        }
    }

    @Override
    public void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            out = null;
            rows = 0;
        }
    }
}
