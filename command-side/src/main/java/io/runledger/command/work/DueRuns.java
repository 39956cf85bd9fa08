package io.runledger.command.work;

import io.runledger.api.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * Finds what is due by the database's clock, which all nodes share; no node's own clock has a say in it. Taking a run
 * puts it off for a moment: if the node that took it dies, another one finds it again.
 */
final class DueRuns {

    // A heartbeat moves the end of a lease and not the time to look, so that it touches no index: such a run is looked
    // at
    // early, and put off until then.
    private static final String TAKE = """
            with due as materialized (
                select run_id,
                    coalesce(lease_expires_at <= now(), false) as lease_over,
                    coalesce(timeout_at <= now(), false) as timed_out,
                    coalesce(expires_at <= now(), false) as expired,
                    coalesce(run_at <= now(), false) or waits_for = 'runs' as may_go_on,
                    least(lease_expires_at, timeout_at, expires_at, run_at) as next
                from ledger.work where due_at <= now() order by due_at limit ? for update skip locked)
            update ledger.work as work set due_at = case
                when lease_over or timed_out or expired then now() + interval '2 seconds'
                when may_go_on then least(next, now() + interval '2 seconds')
                else next end
            from due where work.run_id = due.run_id
            returning work.run_id, work.project, work.version, work.status, work.waits_for,
                lease_over, timed_out, expired, may_go_on""";

    private final WorkStatements statements;

    DueRuns(WorkStatements statements) {
        this.statements = statements;
    }

    /** What is due of a run. */
    enum What {
        NOTHING,
        LEASE_OVER,
        TIMED_OUT,
        EXPIRED,
        /** Its time has come. */
        MAY_GO_ON,
        /** It waits for runs, and whether it still must is to be looked at. */
        AWAITS_RUNS
    }

    /** A run that is due. */
    record Due(RunId run, String project, long version, What what) {}

    /** At most so many of those that are due, the longest overdue first. */
    List<Due> take(int most) {
        return statements.follow(TAKE, (row, _) -> due(row), most);
    }

    private static Due due(ResultSet row) throws SQLException {
        return new Due(
                new RunId(row.getObject("run_id", UUID.class)),
                row.getString("project"),
                row.getLong("version"),
                what(row));
    }

    private static What what(ResultSet row) throws SQLException {
        if (row.getBoolean("expired")) {
            return What.EXPIRED;
        }
        if (row.getBoolean("lease_over")) {
            return What.LEASE_OVER;
        }
        if (row.getBoolean("timed_out")) {
            return What.TIMED_OUT;
        }
        if (!row.getBoolean("may_go_on")) {
            return What.NOTHING;
        }
        return row.getString("waits_for") == null ? What.MAY_GO_ON : What.AWAITS_RUNS;
    }
}
