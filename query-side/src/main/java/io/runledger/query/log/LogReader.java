package io.runledger.query.log;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;

/** Reads lines of the log of a project's run. The numbers of lines that can be read have no gaps, so none is missed. */
final class LogReader {

    /** Before the first line. */
    static final int START = -1;

    private static final String SELECT =
            "select number, at, level, message, fields from of_project.log_line where run_id = ? and number";

    private final ProjectReader reader;

    LogReader(ProjectReader reader) {
        this.reader = reader;
    }

    /** The lines after this one, in order. */
    List<LogLine> after(String project, RunId run, int number, int most) {
        return read(SELECT + " > ? order by number limit ?", project, run, number, most);
    }

    /** The lines before this one, the last of them first. */
    List<LogLine> before(String project, RunId run, int number, int most) {
        return read(SELECT + " < ? order by number desc limit ?", project, run, number, most);
    }

    private List<LogLine> read(String sql, String project, RunId run, int number, int most) {
        return reader.list(project, Plan.KEPT, sql, List.of(run.value(), number, most), (row, _) -> line(row));
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
