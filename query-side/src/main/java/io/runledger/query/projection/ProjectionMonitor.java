package io.runledger.query.projection;

import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader.Plan;
import io.runledger.query.projection.Generations.Serving;
import io.runledger.query.projection.ProjectionState.Ended;
import io.runledger.query.projection.ProjectionState.Progress;
import io.runledger.query.projection.ProjectionState.Status;
import io.runledger.query.projection.Rebuilds.Entry;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Says how a view stands, for people and for machines that watch. */
public final class ProjectionMonitor {

    private final ViewStore store;
    private final ViewPosition position;
    private final Auditor auditor;

    public ProjectionMonitor(ViewStore store, ViewPosition position, Auditor auditor) {
        this.store = store;
        this.position = position;
        this.auditor = auditor;
    }

    /** How many events the ledger holds beyond a position, and how long the first of them has waited. */
    private record Lag(long head, long millis) {}

    /** The name of the view. */
    public String name() {
        return store.view().name();
    }

    /** How the view stands now; names no runs, which belong to projects. */
    public ProjectionState state() {
        return state(null);
    }

    /** The ledger's end, when the view has seen events beyond it; null when all is well. */
    public @Nullable Long endBeforeTheView() {
        // In this order: the ledger only grows.
        long shown = position.current();
        long head = lag(shown).head();
        return shown > head ? (Long) head : null;
    }

    /** How the view stands now; names this project's runs only. */
    ProjectionState state(@Nullable String project) {
        long shown = position.current();
        Lag lag = lag(shown);
        Serving serving = store.generations().serving();
        Entry entry = store.rebuilds().last();
        long letters = store.letters().count(serving.generation());
        long differences = auditor.differences();
        Progress rebuild = progress(entry, lag.head());
        Status healthy = rebuild == null ? Status.LIVE : Status.REBUILDING;
        return new ProjectionState(
                store.view().name(),
                shown,
                Math.max(0, lag.head() - shown),
                lag.millis(),
                letters > 0 || differences > 0 ? Status.DEGRADED : healthy,
                serving.generation(),
                serving.schemaVersion(),
                serving.previous(),
                letters,
                differences,
                rebuild,
                ended(entry, project));
    }

    private Lag lag(long shown) {
        return store.jdbc()
                .sql("""
                        select coalesce((select max(position) from ledger.event), 0) as head,
                            coalesce((
                                select extract(epoch from clock_timestamp() - recorded_at) * 1000
                                from ledger.event where position > ? order by position limit 1), 0) as millis""")
                .param(shown)
                .query((row, _) -> new Lag(row.getLong("head"), Math.max(0, Math.round(row.getDouble("millis")))))
                .single();
    }

    private static @Nullable Progress progress(@Nullable Entry entry, long head) {
        if (entry == null || !entry.isRunning()) {
            return null;
        }
        long rate = Math.round(entry.eventsPerSecond());
        return new Progress(
                entry.generation(),
                entry.rollback(),
                entry.position(),
                head,
                rate,
                rate == 0 ? null : (Long) Math.ceilDiv(Math.max(0, head - entry.position()), rate),
                entry.startedAt(),
                entry.failure());
    }

    private @Nullable Ended ended(@Nullable Entry entry, @Nullable String project) {
        return entry == null || entry.finishedAt() == null
                ? null
                : new Ended(
                        entry.generation(),
                        entry.rollback(),
                        entry.status().name().toLowerCase(Locale.ROOT),
                        entry.finishedAt(),
                        entry.compared(),
                        entry.differing(),
                        project == null ? List.of() : ofProject(entry.differingRuns(), project));
    }

    private List<RunId> ofProject(List<RunId> runs, String project) {
        UUID[] ids = runs.stream().map(RunId::value).toArray(UUID[]::new);
        return store.reader()
                .list(
                        project,
                        Plan.KEPT,
                        "select id from of_project." + store.view().name() + " where id = any(?) and project = ?",
                        List.of(ids, project),
                        (row, _) -> new RunId(row.getObject("id", UUID.class)));
    }
}
