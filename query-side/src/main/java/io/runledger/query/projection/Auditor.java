package io.runledger.query.projection;

import io.runledger.api.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a view with the ledger, run by run: each run whose events are older than a while has a row, at the version of
 * its last event, and there is no row without events. New events are looked at once they are old enough; besides, everything
 * is gone through again and again, a bounded part each time. Runs that are parked are known to differ, and left out.
 */
public final class Auditor {

    private static final Logger LOG = LoggerFactory.getLogger(Auditor.class);

    private static final int WINDOW_POSITIONS = 5_000;
    private static final int SLICE_RUNS = 2_000;

    /** So many windows and slices a time: a fraction of a second's work. */
    private static final int NEW_WINDOWS = 20;

    private static final int SWEPT = 5;

    /** So many differing runs are kept and looked at again; more are as bad. */
    private static final int KEPT = 1_000;

    private static final UUID FIRST = new UUID(0, 0);

    private final ViewStore store;
    private final Duration interval;
    private final Duration age;

    private final Set<RunId> differing = new LinkedHashSet<>();
    private long checkedTo;
    private long sweptTo;
    private UUID sweptRows = FIRST;
    private volatile long differences;
    private volatile long sweeps;
    private @Nullable ScheduledExecutorService clock;

    /**
     * @param interval how often to look
     * @param age how old an event must be before its absence counts
     */
    public Auditor(ViewStore store, Duration interval, Duration age) {
        this.store = store;
        this.interval = interval;
        this.age = age;
    }

    /** Begins to look. */
    public synchronized void start() {
        if (clock == null) {
            clock = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("view-auditor").factory());
            var _ = clock.scheduleWithFixedDelay(
                    this::auditQuietly, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Stops looking. */
    public synchronized void stop() {
        if (clock != null) {
            clock.shutdownNow();
            clock = null;
        }
    }

    /** How many runs differed from the ledger when they were last looked at. */
    public long differences() {
        return differences;
    }

    /** How often everything has been gone through since this node started. */
    long sweeps() {
        return sweeps;
    }

    private void auditQuietly() {
        try {
            audit();
        } catch (RuntimeException e) {
            LOG.warn(
                    "View {} could not be compared with the ledger",
                    store.view().name(),
                    e);
        }
    }

    /** One look: what was wrong, what is new, and a part of the rest. */
    public synchronized void audit() {
        long settled = settledPosition();
        long before = differences;
        Set<RunId> found = new LinkedHashSet<>(stillDiffering(settled));
        for (int i = 0; i < NEW_WINDOWS && checkedTo < settled; i++) {
            checkedTo = window(checkedTo, settled, found);
        }
        for (int i = 0; i < SWEPT; i++) {
            sweptTo = window(sweptTo, settled, found);
            sweptRows = rows(sweptRows, settled, found);
        }
        if (sweptTo >= settled) {
            sweptTo = 0;
            sweeps++;
        }
        differing.clear();
        found.stream().limit(KEPT).forEach(differing::add);
        differences = found.size();
        if (differences > before) {
            LOG.error(
                    "View {} differs from the ledger in {} runs, {} for one; rebuild it: POST /v1/projections/{}/rebuild",
                    store.view().name(),
                    differences,
                    found.iterator().next(),
                    store.view().name());
        }
    }

    /** The last position whose absence in the view would count. */
    private long settledPosition() {
        return store.jdbc()
                .sql("""
                        select coalesce(max(position), 0) from ledger.event
                        where position > ? and recorded_at <= now() - cast(? as interval)""")
                .params(checkedTo, age.toString())
                .query((row, _) -> Math.max(checkedTo, row.getLong(1)))
                .single();
    }

    /** Looks at the runs of the events after this position; returns where it ended. */
    private long window(long after, long settled, Set<RunId> found) {
        long to = Math.min(after + WINDOW_POSITIONS, settled);
        if (to > after) {
            found.addAll(differing(
                    "select distinct run_id as id from ledger.event where position > ? and position <= ?",
                    List.of(after, to),
                    settled));
        }
        return to;
    }

    /** Looks at a slice of the view's rows, for those without events; returns its last, or the first id at the end. */
    private UUID rows(UUID after, long settled, Set<RunId> found) {
        String slice = "select id from " + store.generations().view() + " where id > ? order by id limit ?";
        List<UUID> ids = new ArrayList<>(store.jdbc()
                .sql(slice)
                .params(after, SLICE_RUNS)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list());
        found.addAll(differing("select unnest(?) as id", List.of((Object) ids.toArray(UUID[]::new)), settled));
        return ids.size() < SLICE_RUNS ? FIRST : ids.getLast();
    }

    private List<RunId> stillDiffering(long settled) {
        UUID[] ids = differing.stream().map(RunId::value).toArray(UUID[]::new);
        return differing("select unnest(?) as id", List.of((Object) ids), settled);
    }

    /** Those of these runs whose row is not what the ledger's last event of the run says, in one snapshot. */
    private List<RunId> differing(String runs, List<Object> parameters, long settled) {
        String sql = """
                select asked.id from (%s) as asked
                left join %s as shown on shown.id = asked.id
                left join lateral (
                    select sequence, position from ledger.event where run_id = asked.id order by sequence desc limit 1
                ) as newest on true
                left join lateral (
                    select sequence from ledger.event where run_id = asked.id and position <= ?
                    order by sequence desc limit 1
                ) as settled on true
                where ((newest.sequence is null and shown.id is not null)
                        or (settled.sequence is not null and coalesce(shown.version, -1) < settled.sequence)
                        or shown.version > newest.sequence
                        or (shown.version = newest.sequence and shown.position <> newest.position))
                    and not exists (
                        select from view.dead_letter as letter join view.projection as p
                            on p.name = letter.projection and p.generation = letter.generation
                        where letter.projection = ? and letter.run_id = asked.id)
                """.formatted(runs, store.generations().view());
        List<Object> all = new ArrayList<>(parameters);
        all.add(settled);
        all.add(store.view().name());
        return store.jdbc()
                .sql(sql)
                .params(all)
                .query((row, _) -> new RunId(row.getObject("id", UUID.class)))
                .list();
    }
}
