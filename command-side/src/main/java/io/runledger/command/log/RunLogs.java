package io.runledger.command.log;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.store.RunDirectory;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Adds lines to the logs of runs; their followers are notified on whichever node they are. */
public final class RunLogs {

    // The notification names the run, so that only its followers look.
    private static final String APPEND = """
            with log as (
                insert into ledger.run_log as known (run_id, project, lines)
                select :run, :project, :count where :count <= :most
                on conflict (run_id) do update set lines = known.lines + excluded.lines
                where known.lines + excluded.lines <= :most
                returning lines - :count as first
            ), written as (
                insert into ledger.log_line (run_id, number, at, level, message, fields)
                select :run, first + place - 1, coalesce(at, now()), level, message, fields
                from log cross join unnest(:at::timestamptz[], :level::text[], :message::text[], :fields::text[])
                    with ordinality as line (at, level, message, fields, place)
            )
            select first, pg_notify('runledger_log', :name) from log""";

    private final JdbcClient jdbc;
    private final RunDirectory directory;
    private final int mostLines;

    /** Logs of at most so many lines a run. */
    public RunLogs(JdbcClient jdbc, RunDirectory directory, int mostLines) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.mostLines = mostLines;
    }

    /** What is logged; without a time it was logged when it came. */
    public record Line(
            String level,
            String message,
            @Nullable Instant at,
            @Nullable Json fields) {}

    /**
     * Adds these lines to a run's log, in this order; the number of the first. All of them are durable when this returns.
     *
     * @throws Problem when the project has no such run, or its log would be too long; nothing was written
     */
    public int append(String project, RunId run, List<Line> lines) {
        if (directory.existing(project, List.of(run)).isEmpty()) {
            throw Problem.noSuchRun(run.toString());
        }
        return jdbc.sql(APPEND)
                .param("run", run.value())
                .param("project", project)
                .param("count", lines.size())
                .param("most", mostLines)
                .param(
                        "at",
                        texts(
                                lines,
                                line -> line.at() == null ? null : line.at().toString()))
                .param("level", texts(lines, Line::level))
                .param("message", texts(lines, Line::message))
                .param(
                        "fields",
                        texts(
                                lines,
                                line -> line.fields() == null
                                        ? null
                                        : line.fields().text()))
                .param("name", run.toString())
                .query((row, _) -> row.getInt("first"))
                .optional()
                .orElseThrow(
                        () -> new Problem(ProblemCode.TOO_LARGE, "A run's log has at most " + mostLines + " lines."));
    }

    private static @Nullable String[] texts(List<Line> lines, Function<Line, @Nullable String> text) {
        return lines.stream().map(text).toArray(String[]::new);
    }
}
