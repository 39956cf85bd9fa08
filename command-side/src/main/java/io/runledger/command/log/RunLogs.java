package io.runledger.command.log;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.idempotency.Claim;
import io.runledger.command.store.RunDirectory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Adds lines to the logs of runs; their followers are notified on whichever node they are. */
public final class RunLogs {

    // The notification names the run, so that only its followers look.
    private static final String APPEND = """
            log as (
                insert into ledger.run_log as known (run_id, project, lines)
                select :run, :project, :count where :count <= :most and %s
                on conflict (run_id) do update set lines = known.lines + excluded.lines
                where known.lines + excluded.lines <= :most
                returning lines - :count as first
            ), written as (
                insert into ledger.log_line (run_id, number, at, level, message, fields)
                select :run, first + place - 1, coalesce(at, now()), level, message, fields
                from log cross join unnest(:at::timestamptz[], :level::text[], :message::text[], :fields::text[])
                    with ordinality as line (at, level, message, fields, place)
            ) %s
            select first, pg_notify('runledger_log', :name) from log""";

    private static final String APPEND_ALWAYS = "with " + APPEND.formatted("true", "");

    // Who comes second waits for the row, and then finds what the first one has noted.
    private static final String APPEND_ONCE = """
            with mine as materialized (
                select from ledger.idempotent_request where id = :claim and effect is null for update
            ),
            """ + APPEND.formatted("exists (select from mine)", """
            , noted as (
                update ledger.idempotent_request set effect = log.first from log where id = :claim
            )""");

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
     * @param claim under which they are added once, however often this is asked; null when each time counts
     * @throws Problem when the project has no such run, or its log would be too long; nothing was written
     */
    public int append(String project, RunId run, List<Line> lines, Claim.@Nullable Mine claim) {
        if (directory.existing(project, List.of(run)).isEmpty()) {
            throw Problem.noSuchRun(run.toString());
        }
        JdbcClient.StatementSpec append =
                claim == null ? jdbc.sql(APPEND_ALWAYS) : jdbc.sql(APPEND_ONCE).param("claim", claim.id());
        return append.param("run", run.value())
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
                .or(() -> added(claim))
                .orElseThrow(
                        () -> new Problem(ProblemCode.TOO_LARGE, "A run's log has at most " + mostLines + " lines."));
    }

    /** The number of the first line that was added under this claim before. */
    private Optional<Integer> added(Claim.@Nullable Mine claim) {
        return claim == null
                ? Optional.empty()
                : jdbc.sql("select effect from ledger.idempotent_request where id = ? and effect is not null")
                        .param(claim.id())
                        .query(Integer.class)
                        .optional();
    }

    private static @Nullable String[] texts(List<Line> lines, Function<Line, @Nullable String> text) {
        return lines.stream().map(text).toArray(String[]::new);
    }
}
