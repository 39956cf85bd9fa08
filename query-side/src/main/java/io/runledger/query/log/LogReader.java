package io.runledger.query.log;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads lines of one run's log. The numbers of lines that can be read have no gaps, so none is missed. */
final class LogReader {

    /** Before the first line. */
    static final int START = -1;

    private static final String SELECT =
            "select number, at, level, message, fields from ledger.log_line where run_id = ? and number";

    private final JdbcClient jdbc;

    LogReader(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The lines after this one, in order. */
    List<LogLine> after(RunId run, int number, int most) {
        return read(SELECT + " > ? order by number limit ?", run, number, most);
    }

    /** The lines before this one, the last of them first. */
    List<LogLine> before(RunId run, int number, int most) {
        return read(SELECT + " < ? order by number desc limit ?", run, number, most);
    }

    private List<LogLine> read(String sql, RunId run, int number, int most) {
        return jdbc.sql(sql)
                .params(run.value(), number, most)
                .query((row, _) -> line(row))
                .list();
    }

    private static LogLine line(ResultSet row) throws SQLException {
        String fields = row.getString("fields");
        return new LogLine(
                row.getInt("number"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("level"),
                row.getString("message"),
                fields == null ? null : new Json(fields));
    }
}
