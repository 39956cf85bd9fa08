package io.runledger.query.run;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Adds rows of runs that the table of a generation does not have yet, through COPY in its text form: half of what an
 * insert costs, which has to look for the row first. Joins the caller's transaction.
 */
final class RunCopy {

    /** What is collected before it is sent. */
    private static final int BUFFER_CHARS = 1 << 16;

    private static final List<RunColumn> COLUMNS =
            Stream.concat(Stream.of(RunColumn.ID), RunColumns.ALL.stream()).toList();

    private final JdbcTemplate jdbc;
    private final String sql;

    RunCopy(DataSource dataSource, int generation) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.sql = "copy view.run_%d (%s) from stdin".formatted(generation, RunColumns.names(RunColumns.ALL));
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
        StringBuilder text = new StringBuilder(BUFFER_CHARS + BUFFER_CHARS / 4);
        for (RunRow row : rows) {
            for (RunColumn column : COLUMNS) {
                append(text, column.value().apply(row));
                text.append('\t');
            }
            text.setCharAt(text.length() - 1, '\n');
            if (text.length() > BUFFER_CHARS) {
                flush(text, copy);
            }
        }
        flush(text, copy);
    }

    private static void flush(StringBuilder text, CopyIn copy) throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    private static void append(StringBuilder text, @Nullable Object value) {
        if (value == null) {
            text.append("\\N");
            return;
        }
        String plain = value.toString();
        int done = 0;
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '\\' || c < ' ') {
                text.append(plain, done, i).append(escaped(c));
                done = i + 1;
            }
        }
        text.append(plain, done, plain.length());
    }

    private static String escaped(char c) {
        return switch (c) {
            case '\\' -> "\\\\";
            case '\t' -> "\\t";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> String.valueOf(c);
        };
    }
}
