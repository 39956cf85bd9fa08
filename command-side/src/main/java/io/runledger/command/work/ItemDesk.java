package io.runledger.command.work;

import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.BatchInputs;
import io.runledger.command.store.BatchInputs.Input;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the items of batches, many to a lease, to any number of workers at once. Leases are no events: the database's
 * clock alone ends them, and an item whose lease is over may be claimed again at that moment, whoever notices.
 */
public final class ItemDesk {

    /** An answer holds inputs of so many bytes after the first; the other items stay for the next claim. */
    private static final int MOST_BYTES = 8 << 20;

    // The ranges of free items in order of their indexes, cut off where there are enough. The rows they are taken from
    // stay until the run leaves its workers, so that a report that is sent again finds its lease.
    private static final String TAKE = """
            with free as materialized (
                select lease, attempt, items from ledger.item_work
                where run_id = ? and (lease_expires_at is null or lease_expires_at <= clock_timestamp())
                    and not isempty(items)
            ), piece as (
                select lease, attempt, range, upper(range) - lower(range) as size,
                    sum(upper(range) - lower(range)) over (order by lower(range)) as up_to
                from free cross join unnest(items) as range
            ), taken as (
                select lease, attempt,
                    range_agg(int4range(lower(range), lower(range) + least(size, ? - up_to + size)::integer)) as items
                from piece where up_to - size < ? group by lease, attempt
            ), cut as (
                update ledger.item_work as work set items = work.items - taken.items
                from taken where work.run_id = ? and work.lease = taken.lease and work.attempt = taken.attempt
                returning taken.attempt, taken.items
            ), number as materialized (select nextval('ledger.item_lease') as lease)
            insert into ledger.item_work (run_id, lease, attempt, items, worker, lease_seconds, lease_expires_at)
            select ?, number.lease, attempt + 1, range_agg(items), ?, ?, clock_timestamp() + ? * interval '1 second'
            from cut cross join number group by number.lease, attempt
            returning lease, lease_expires_at, (select sum(upper(range) - lower(range)) from unnest(items) as range)""";

    // Every report renews the lease, so that it cannot end before the report is written.
    private static final String HOLD = """
            update ledger.item_work set lease_expires_at =
                greatest(lease_expires_at, clock_timestamp() + greatest(lease_seconds, 10) * interval '1 second')
            where run_id = ? and lease = ? and lease_expires_at > clock_timestamp() returning items::text""";

    private static final String GIVE_BACK = """
            with rest as (
                select attempt, items - int4multirange(int4range(0, ?)) as items from ledger.item_work
                where run_id = ? and lease = ?
            ), cut as (
                update ledger.item_work as work set items = work.items - rest.items
                from rest where work.run_id = ? and work.lease = ? and work.attempt = rest.attempt
                    and not isempty(rest.items)
                returning rest.attempt, rest.items
            )
            insert into ledger.item_work (run_id, lease, attempt, items)
            select ?, nextval('ledger.item_lease'), attempt - 1, items from cut returning lease""";

    private static final Pattern RANGE = Pattern.compile("\\[(\\d+),(\\d+)\\)");

    private final WorkStatements statements;
    private final BatchInputs inputs;
    private final RunCommands commands;

    ItemDesk(WorkStatements statements, BatchInputs inputs, RunCommands commands) {
        this.statements = statements;
        this.inputs = inputs;
        this.commands = commands;
    }

    /** What a worker wants: at most {@code max} items. */
    public record Wish(String worker, int max, int leaseSeconds) {}

    /** Items under one lease; without any there is no lease. */
    public record Claimed(@Nullable Long lease, @Nullable Instant leaseExpiresAt, List<Input> items) {

        static final Claimed NOTHING = new Claimed(null, null, List.of());
    }

    private record Lease(long number, Instant expiresAt, int items) {

        static Lease of(ResultSet row) throws SQLException {
            OffsetDateTime end = row.getObject(2, OffsetDateTime.class);
            return new Lease(row.getLong(1), end.toInstant(), row.getInt(3));
        }
    }

    /**
     * The next items that nobody holds and that have no result, in order; none when there are none. The first claim
     * starts the run, by this command.
     *
     * @throws Problem when the project has no such run, the run has no items, or is not ready for workers
     */
    public Claimed claim(RunCommand start, Wish wish) {
        RunId run = start.runId();
        inputs.requireBatch(start.context().project(), run);
        if (!isOpen(run) && !begin(start)) {
            return Claimed.NOTHING;
        }
        List<Lease> parts = statements.queryInTurn(
                run,
                TAKE,
                (row, _) -> Lease.of(row),
                run.value(),
                wish.max(),
                wish.max(),
                run.value(),
                run.value(),
                wish.worker(),
                wish.leaseSeconds(),
                wish.leaseSeconds());
        if (parts.isEmpty()) {
            return Claimed.NOTHING;
        }
        Lease lease = parts.getFirst();
        List<Input> items = inputs.underLease(run, lease.number(), MOST_BYTES);
        if (!items.isEmpty()
                && items.size() < parts.stream().mapToInt(Lease::items).sum()) {
            giveBack(run, lease.number(), items.getLast().index() + 1);
        }
        return items.isEmpty() ? Claimed.NOTHING : new Claimed(lease.number(), lease.expiresAt(), items);
    }

    private boolean isOpen(RunId run) {
        return !statements
                .query("select from ledger.item_work where run_id = ? limit 1", (_, _) -> run, run.value())
                .isEmpty();
    }

    /** Starts the run unless somebody has; false when it has ended. */
    private boolean begin(RunCommand start) {
        try {
            commands.send(start);
            return true;
        } catch (Problem refused) {
            return switch (refused.facts().get("run_status")) {
                case RunStatus.RUNNING, RunStatus.FINISHING -> true;
                case RunStatus status when status.isEnd() -> false;
                case null, default -> throw refused;
            };
        }
    }

    private void giveBack(RunId run, long lease, int from) {
        UUID id = run.value();
        statements.queryInTurn(run, GIVE_BACK, (_, _) -> run, from, id, lease, id, lease, id);
    }

    /** The items under this lease that have no result yet, after renewing it; null when it is over. */
    public @Nullable Set<Integer> hold(RunId run, long lease) {
        List<String> parts = statements.query(HOLD, (row, _) -> row.getString(1), run.value(), lease);
        if (parts.isEmpty()) {
            return null;
        }
        Set<Integer> items = new HashSet<>();
        for (String part : parts) {
            for (MatchResult range : RANGE.matcher(part).results().toList()) {
                int end = Integer.parseInt(range.group(2));
                for (int index = Integer.parseInt(range.group(1)); index < end; index++) {
                    items.add(index);
                }
            }
        }
        return items;
    }
}
