package io.runledger.command.work;

import io.runledger.api.RunId;
import io.runledger.command.store.EndedRuns;
import io.runledger.command.store.EndedRuns.Step;
import io.runledger.command.store.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * Knows which blocked runs may go on: those whose runs have succeeded, and the first in line for a slot of a concurrency.
 * It only looks; that no slot is given twice is guarded by a unique index.
 */
final class Gate {

    private static final Set<String> GOOD = Set.of("run.succeeded", "run.partially_succeeded");
    private static final Set<String> BAD = Set.of("run.failed", "run.cancelled", "run.skipped", "run.invalidated");

    /** How many concurrency keys are looked at in one statement, and how many runs of each. */
    private static final int KEYS = 500;

    private static final String NEXT_KEYS = """
            with recursive next (project, concurrency_key) as (
                (select project, concurrency_key from ledger.work
                 where waits_for = 'slot' and (project, concurrency_key) > (?, ?)
                 order by project, concurrency_key limit 1)
                union all
                select later.project, later.concurrency_key from next cross join lateral (
                    select project, concurrency_key from ledger.work
                    where waits_for = 'slot' and (project, concurrency_key) > (next.project, next.concurrency_key)
                    order by project, concurrency_key limit 1) as later)
            select project, concurrency_key from next limit 500""";

    // The limit that counts is that of the run that wants in. The lowest free numbers are the slots to give.
    private static final String FREE_SLOTS = """
            select waiting.run_id, asked.project, waiting.version, free.slot, asked.key
            from unnest(?::text[], ?::text[]) as asked (project, key)
            cross join lateral (
                select count(*) as held, coalesce(array_agg(slot), '{}') as slots from ledger.work
                where project = asked.project and concurrency_key = asked.key and slot is not null) as holders
            cross join lateral (
                select run_id, version, concurrency_limit, row_number() over (order by place) as number
                from (select run_id, version, concurrency_limit, place from ledger.work
                      where waits_for = 'slot' and project = asked.project and concurrency_key = asked.key
                      order by place limit 100) as first) as waiting
            join lateral (
                select slot, row_number() over (order by slot) as number
                from generate_series(0, holders.held::integer + 99) as slot where slot <> all (holders.slots)) as free
                on free.number = waiting.number
            where holders.held + waiting.number <= waiting.concurrency_limit
            order by asked.project, asked.key, waiting.number""";

    private final WorkStatements statements;
    private final EndedRuns ended;
    private final RunDirectory directory;

    /** Up to where the events were looked through for runs that ended; -1 before the first look. */
    private long seen = -1;

    Gate(WorkStatements statements, EndedRuns ended, RunDirectory directory) {
        this.statements = statements;
        this.ended = ended;
        this.directory = directory;
    }

    /** A run that may have the slot. */
    record Admission(RunId run, String project, long version, int slot, String key) {}

    private record Key(String project, String key) {}

    /** Who may have which slot now, in the order of each line; looks at all lines. */
    List<Admission> admissions() {
        List<Admission> admissions = new ArrayList<>();
        Key last = new Key("", "");
        while (true) {
            List<Key> keys = statements.follow(
                    NEXT_KEYS, (row, _) -> new Key(row.getString(1), row.getString(2)), last.project(), last.key());
            if (keys.isEmpty()) {
                return admissions;
            }
            admissions.addAll(statements.query(
                    FREE_SLOTS,
                    (row, _) -> new Admission(
                            new RunId(row.getObject(1, UUID.class)),
                            row.getString(2),
                            row.getLong(3),
                            row.getInt(4),
                            row.getString(5)),
                    keys.stream().map(Key::project).toArray(String[]::new),
                    keys.stream().map(Key::key).toArray(String[]::new)));
            if (keys.size() < KEYS) {
                return admissions;
            }
            last = keys.getLast();
        }
    }

    /** A run that waits for runs of which some have ended. */
    record Awaiting(RunId run, String project, long version) {}

    /** The runs whose wait may be over because of what ended since the last look; at the first look all that wait. */
    List<Awaiting> toBeLookedAt() {
        if (seen < 0) {
            seen = ended.head();
            return awaiting("waits_for = 'runs'");
        }
        OptionalLong head = ended.headIfNobodyWaits();
        if (head.isPresent()) {
            // Who comes to wait later is looked at when he comes, so what ended before need not be looked through.
            seen = head.getAsLong();
            return List.of();
        }
        List<Awaiting> found = new ArrayList<>();
        Step step;
        do {
            step = ended.after(seen);
            if (!step.runs().isEmpty()) {
                UUID[] runs = step.runs().stream().map(RunId::value).toArray(UUID[]::new);
                found.addAll(awaiting("waits_for = 'runs' and awaited && ?", (Object) runs));
            }
            seen = step.upTo();
        } while (step.more());
        return found;
    }

    private List<Awaiting> awaiting(String condition, Object... parameters) {
        return statements.query(
                "select run_id, project, version from ledger.work where " + condition,
                (row, _) -> new Awaiting(new RunId(row.getObject(1, UUID.class)), row.getString(2), row.getLong(3)),
                parameters);
    }

    /** How it stands with what a run waits for. */
    enum Wait {
        GOES_ON,
        IS_OVER,
        IS_IN_VAIN
    }

    /** How it stands with what this run waits for. */
    Wait waitOf(RunId run) {
        List<List<RunId>> awaited = statements.query(
                "select awaited from ledger.work where run_id = ? and waits_for = 'runs'",
                (row, _) -> List.of((UUID[]) row.getArray(1).getArray()).stream()
                        .map(RunId::new)
                        .toList(),
                run.value());
        if (awaited.isEmpty()) {
            return Wait.GOES_ON;
        }
        List<String> last = directory.lastEvents(awaited.getFirst());
        if (last.stream().anyMatch(BAD::contains)) {
            return Wait.IS_IN_VAIN;
        }
        return GOOD.containsAll(last) ? Wait.IS_OVER : Wait.GOES_ON;
    }
}
