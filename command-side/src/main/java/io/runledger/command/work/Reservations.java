package io.runledger.command.work;

import io.runledger.api.RunId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * Picks queued runs for one node, so that nodes do not go for the same ones. It decides nothing: who starts a run is
 * decided by the run, and a run that was picked and not started can be picked again a moment later.
 */
final class Reservations {

    // Nothing is lost when this is: so it need not wait for the disk.
    private static final String QUICK = "quick as materialized (select set_config('synchronous_commit', 'off', true))";

    private static final String GIVEN_QUEUES = "lane (queue) as (select unnest(?::text[]))";

    // From one queue that holds something to the next, each by one look at the index.
    private static final String ALL_QUEUES = """
            lane (queue) as (
                (select queue from ledger.work where project = ? and status = 'queued' order by queue limit 1)
                union all
                select next.queue from lane cross join lateral (
                    select queue from ledger.work where project = ? and status = 'queued' and queue > lane.queue
                    order by queue limit 1) as next)
            """;

    private static final String GIVEN_TARGETS = "cross join unnest(?::text[]) as wanted (target)";

    private static final String NEXT = """
            select next.run_id from %s %s cross join lateral (
                select run_id, priority, place from ledger.work
                where project = ? and queue = lane.queue and status = 'queued' %s
                    and (reserved_until is null or reserved_until < now())
                order by priority desc, place limit ? %s) as next
            order by next.priority desc, next.place limit ?""";

    private static final String RESERVE = """
            update ledger.work as work set reserved_until = now() + interval '2 seconds'
            from picked where work.run_id = picked.run_id returning work.run_id, work.priority, work.place""";

    private final WorkStatements statements;

    Reservations(WorkStatements statements) {
        this.statements = statements;
    }

    private record Picked(RunId run, int priority, long place) {}

    /** At most so many runs, the one of the highest priority first, then the one that waits longest. */
    List<RunId> reserve(Selection selection, int most) {
        return statements
                .follow(
                        sql(selection),
                        (row, _) -> new Picked(new RunId(row.getObject(1, UUID.class)), row.getInt(2), row.getLong(3)),
                        parameters(selection, most))
                .stream()
                .sorted(Comparator.comparingInt(Picked::priority).reversed().thenComparingLong(Picked::place))
                .map(Picked::run)
                .toList();
    }

    /** At most so many runs, those that would be picked next; they are not reserved. */
    List<RunId> next(Selection selection, int most) {
        return statements.follow(
                "with recursive " + lanes(selection) + " " + next(selection, "lane", ""),
                (row, _) -> new RunId(row.getObject(1, UUID.class)),
                parameters(selection, most));
    }

    static String sql(Selection selection) {
        String next = next(selection, "quick cross join lane", "for update skip locked");
        return "with recursive " + QUICK + ", " + lanes(selection) + ", picked as materialized (" + next + ") "
                + RESERVE;
    }

    private static String lanes(Selection selection) {
        return selection.queues().isEmpty() ? ALL_QUEUES : GIVEN_QUEUES;
    }

    private static String next(Selection selection, String lanes, String lock) {
        return selection.targets().isEmpty()
                ? NEXT.formatted(lanes, "", "", lock)
                : NEXT.formatted(lanes, GIVEN_TARGETS, "and target = wanted.target", lock);
    }

    static Object[] parameters(Selection selection, int most) {
        List<Object> parameters = new ArrayList<>();
        if (selection.queues().isEmpty()) {
            parameters.add(selection.project());
            parameters.add(selection.project());
        } else {
            parameters.add(selection.queues().toArray(String[]::new));
        }
        if (!selection.targets().isEmpty()) {
            parameters.add(selection.targets().toArray(String[]::new));
        }
        parameters.addAll(List.of(selection.project(), most, most));
        return parameters.toArray();
    }
}
