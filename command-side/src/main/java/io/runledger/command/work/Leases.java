package io.runledger.command.work;

import com.fasterxml.jackson.annotation.JsonValue;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.store.RunDirectory;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prolongs leases by the database's clock. A lease that has run out is over, even if nobody has noticed yet. */
public final class Leases {

    // Never shorter than it was. Touches no index, so that heartbeats are written in place.
    private static final String PROLONG = """
            with told as materialized (select ?::double precision as percent, ?::text as message)
            update ledger.work set lease_expires_at =
                    greatest(lease_expires_at, clock_timestamp() + lease_seconds * interval '1 second'),
                heard_at = clock_timestamp(),
                told_at = case when percent is null and message is null then told_at else clock_timestamp() end,
                progress_percent = coalesce(percent, progress_percent),
                progress_message = coalesce(message, progress_message)
            from told
            where run_id = ? and project = ? and version = ? and status = 'running' and lease_expires_at > now()
            returning lease_expires_at""";

    private final WorkStatements statements;
    private final RunDirectory directory;

    Leases(WorkStatements statements, RunDirectory directory) {
        this.statements = statements;
        this.directory = directory;
    }

    /** What a worker shall do that was heard of. */
    public enum Action {
        CONTINUE,
        /** The run was cancelled: give up. */
        CANCEL,
        /** The run was stopped, and may be resumed later: give up and leave what was done. */
        STOP;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /** The lower case name used on the wire. */
        @JsonValue
        public String wireName() {
            return wireName;
        }
    }

    /** What a heartbeat is answered; {@code leaseExpiresAt} is null when the lease is over. */
    public record Heard(@Nullable Instant leaseExpiresAt, Action action) {}

    /** How far a worker says it is; kept with the lease only, not in the run's events. */
    public record Told(@Nullable Double percent, @Nullable String message) {}

    /**
     * Prolongs the lease with this fencing number.
     *
     * @throws Problem when it is lost, or there is no such run
     */
    public Heard heartbeat(String project, RunId run, long lease, Told told) {
        List<Instant> prolonged = statements.follow(
                PROLONG,
                (row, _) -> row.getObject(1, OffsetDateTime.class).toInstant(),
                told.percent(),
                told.message(),
                run.value(),
                project,
                lease);
        if (!prolonged.isEmpty()) {
            return new Heard(prolonged.getFirst(), Action.CONTINUE);
        }
        String end = directory.endOfLease(run, project, lease);
        return switch (end) {
            case "run.cancelled" -> new Heard(null, Action.CANCEL);
            case "run.stopped" -> new Heard(null, Action.STOP);
            case null, default -> throw lost(project, run);
        };
    }

    private Problem lost(String project, RunId run) {
        return directory.existing(project, List.of(run)).isEmpty()
                ? Problem.noSuchRun(run.toString())
                : new Problem(ProblemCode.LEASE_LOST, "This lease is over; leave the run alone.");
    }
}
