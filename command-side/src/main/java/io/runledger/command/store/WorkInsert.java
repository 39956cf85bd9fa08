package io.runledger.command.store;

import io.runledger.api.EventHash;
import io.runledger.api.RunStatus;
import io.runledger.command.store.ParameterRows.Column;
import io.runledger.command.store.WorkChange.Gone;
import io.runledger.command.store.WorkChange.Standing;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The parts of the append statement that keep {@code ledger.work} in step with the events, in the same commit: the rows of
 * a whole group of commands at once.
 *
 * @param gone runs that nobody waits for any more
 * @param standing runs that wait, or are watched
 */
record WorkInsert(List<Gone> gone, List<Standing> standing) {

    // A row is touched only after the append lock was taken, so two appends never wait for each other's rows.
    private static final String GONE =
            ", gone as (delete from ledger.work using ordered where run_id = any(?::uuid[]))";

    private static final ParameterRows<Standing> ROWS = new ParameterRows<>(List.of(
            new Column<>("run_id", "uuid", row -> row.runId().value()),
            new Column<>("version", "int8", Standing::version),
            new Column<>("project", "text", Standing::project),
            new Column<>("status", "text", row -> row.status().wireName()),
            new Column<>("queue", "text", Standing::queue),
            new Column<>("target", "text", Standing::target),
            new Column<>("priority", "int2", row -> (short) row.priority()),
            new Column<>("worker", "text", Standing::worker),
            new Column<>("lease_seconds", "int4", Standing::leaseSeconds),
            new Column<>(
                    "timeout_millis",
                    "int8",
                    row -> row.timeout() == null ? null : (Long) row.timeout().toMillis()),
            new Column<>("run_at", "timestamptz", row -> row.runAt() == null ? null : EventHash.time(row.runAt())),
            new Column<>(
                    "expires_at",
                    "timestamptz",
                    row -> row.expiresAt() == null ? null : EventHash.time(row.expiresAt())),
            new Column<>("awaited", "text", WorkInsert::awaited),
            new Column<>(
                    "concurrency_key",
                    "text",
                    row -> row.concurrency() == null ? null : row.concurrency().key()),
            new Column<>(
                    "concurrency_limit",
                    "int4",
                    row -> row.concurrency() == null
                            ? null
                            : (Integer) row.concurrency().limit()),
            new Column<>("slot", "int4", Standing::slot)));

    /** What these commands change: the last change of each run. */
    static WorkInsert of(List<Append> group) {
        Map<Object, WorkChange> byRun = new LinkedHashMap<>();
        for (Append append : group) {
            WorkChange change = append.work();
            if (change != null) {
                byRun.put(change.runId(), change);
            }
        }
        WorkInsert work = new WorkInsert(new ArrayList<>(), new ArrayList<>());
        for (WorkChange change : byRun.values()) {
            switch (change) {
                case Gone end -> work.gone.add(end);
                case Standing row -> work.standing.add(row);
            }
        }
        return work;
    }

    /**
     * The parts of a statement that changes rows of these sorts; what it does not change is left out, for that costs too.
     *
     * @param standing how rows of work are given; 0 when there are none
     */
    static String sql(boolean gone, int standing) {
        return (gone ? GONE : "") + (standing > 0 ? standing(standing) : "");
    }

    // Times are those of the database, and of now, not of when the statement began to wait for the lock.
    private static String standing(int shape) {
        return """
            , standing as (
                insert into ledger.work as work (run_id, version, place, project, status, since, queue, target, priority,
                    worker, lease_seconds, lease_expires_at, timeout_at, run_at, expires_at, waits_for, awaited,
                    concurrency_key, concurrency_limit, slot, due_at)
                select run_id, version, position, change.project, status, clock_timestamp(), queue, target, priority,
                    worker, lease_seconds, lease_end, timeout_end, run_at, expires_at,
                    case when awaited <> '{}' then 'runs' when status = 'blocked' then 'slot' end, awaited::uuid[],
                    concurrency_key, concurrency_limit, slot,
                    least(lease_end, timeout_end, run_at, expires_at,
                        case when awaited <> '{}' then clock_timestamp() end)
                from %s
                join appended using (run_id)
                cross join lateral (select clock_timestamp() + lease_seconds * interval '1 second' as lease_end,
                    clock_timestamp() + timeout_millis * interval '1 millisecond' as timeout_end) as ends
                where appended.sequence = change.version
                on conflict (run_id) do update set version = excluded.version, place = excluded.place,
                    status = excluded.status, since = excluded.since, reserved_until = null, worker = excluded.worker,
                    lease_seconds = excluded.lease_seconds, lease_expires_at = excluded.lease_expires_at,
                    heard_at = null, told_at = null, progress_percent = null, progress_message = null, timeout_at = excluded.timeout_at,
                    run_at = excluded.run_at, expires_at = excluded.expires_at, waits_for = excluded.waits_for,
                    awaited = excluded.awaited, due_at = excluded.due_at,
                    slot = case when excluded.status in ('queued', 'running') then coalesce(excluded.slot, work.slot) end)""".formatted(ROWS.from("change", shape));
    }

    /** Sets the parameters of the parts for these rows. */
    void bind(EventInsert.Parameters parameters) throws SQLException {
        if (!gone.isEmpty()) {
            parameters.array("uuid", gone, row -> row.runId().value());
        }
        if (!standing.isEmpty()) {
            ROWS.bind(parameters, standing);
        }
    }

    private static String awaited(Standing row) {
        return row.awaited().stream().map(run -> run.value().toString()).collect(Collectors.joining(",", "{", "}"));
    }

    /** Who is to be called: see {@link WorkChannels}. */
    List<String> channels() {
        List<String> channels = new ArrayList<>();
        if (standing.stream().anyMatch(row -> row.status() == RunStatus.QUEUED)) {
            channels.add(WorkChannels.QUEUE);
        }
        if (gone.stream().anyMatch(Gone::freesSlot) || standing.stream().anyMatch(WorkInsert::mayFreeOrWant)) {
            channels.add(WorkChannels.GATE);
        }
        return channels;
    }

    private static boolean mayFreeOrWant(Standing row) {
        return row.status() == RunStatus.BLOCKED || row.status() == RunStatus.SCHEDULED && row.concurrency() != null;
    }
}
