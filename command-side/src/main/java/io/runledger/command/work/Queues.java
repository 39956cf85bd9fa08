package io.runledger.command.work;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells how the queues of a project stand, from the table of work, so exactly. */
public final class Queues {

    private static final String SQL = """
            select queue, count(*) filter (where status = 'queued') as depth,
                (extract(epoch from now() - min(since) filter (where status = 'queued')) * 1000)::bigint as oldest_age_ms,
                count(*) filter (where status = 'running') as running, count(distinct worker) as workers
            from ledger.work where project = ? and status in ('queued', 'running') group by queue order by queue""";

    private final WorkStatements statements;

    Queues(WorkStatements statements) {
        this.statements = statements;
    }

    /** One queue. */
    @Schema(name = "Queue")
    public record Standing(
            String queue,

            @Schema(description = "How many runs are queued")
            long depth,

            @Schema(description = "How long the one waits that was queued first, in milliseconds") @Nullable
            Long oldestAgeMs,

            @Schema(description = "How many of its runs workers hold")
            long running,

            @Schema(description = "How many workers hold them")
            long workers) {}

    /** The queues that hold something or of which somebody holds something, by name. */
    public List<Standing> of(String project) {
        return statements.query(
                SQL,
                (row, _) -> new Standing(
                        row.getString(1),
                        row.getLong(2),
                        row.getObject(3, Long.class) == null ? null : (Long) Math.max(0, row.getLong(3)),
                        row.getLong(4),
                        row.getLong(5)),
                project);
    }
}
