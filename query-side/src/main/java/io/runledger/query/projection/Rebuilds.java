package io.runledger.query.projection;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The book of rebuilds of one view: what was asked for, how far it is, how it ended. */
public final class Rebuilds {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final Generations generations;
    private final ProjectedView view;

    Rebuilds(JdbcClient jdbc, TransactionOperations transactions, Generations generations, ProjectedView view) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.generations = generations;
        this.view = view;
    }

    /** How a rebuild stands. */
    enum Status {
        RUNNING,
        DONE,
        GIVEN_UP
    }

    /**
     * A rebuild, or a rollback, which is a rebuild that begins with the previous generation.
     *
     * @param position the last event in the new generation
     * @param compared how many runs were compared with the generation that served
     * @param differing how many of them differed
     * @param differingRuns some of those
     */
    record Entry(
            int generation,
            int schemaVersion,
            boolean rollback,
            Status status,
            long position,
            double eventsPerSecond,
            Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable String failure,
            long compared,
            long differing,
            List<RunId> differingRuns) {

        boolean isRunning() {
            return status == Status.RUNNING;
        }
    }

    /** The rebuild under way, or the last one; null when there never was any. */
    @Nullable
    Entry last() {
        List<Entry> entries = jdbc.sql("select * from view.rebuild where projection = ?")
                .param(view.name())
                .query((row, _) -> entry(row))
                .list();
        return entries.isEmpty() ? null : entries.getFirst();
    }

    /**
     * Asks for a new generation from the first event.
     *
     * @throws Problem when one is being built already
     */
    void request() {
        transactions.executeWithoutResult(_ -> {
            Generations.Serving serving = generations.lockServing();
            refuseWhileRunning();
            int newest =
                    generations.all().stream().mapToInt(Integer::intValue).max().orElse(0);
            int generation = Math.max(newest, serving.generation()) + 1;
            generations.create(generation);
            open(generation, view.schemaVersion(), false, 0);
        });
    }

    /**
     * Asks for the previous generation back.
     *
     * @throws Problem when there is none, or a generation is being built
     */
    void requestRollback() {
        transactions.executeWithoutResult(_ -> {
            Generations.Serving serving = generations.lockServing();
            refuseWhileRunning();
            if (serving.previous() == null) {
                throw new Problem(ProblemCode.CONFLICT, "There is no previous generation to go back to.");
            }
            open(
                    serving.previous(),
                    Objects.requireNonNull(serving.previousVersion()),
                    true,
                    Objects.requireNonNull(serving.previousPosition()));
        });
    }

    /** Gives up the rebuild under way: its table goes, or is kept as the previous generation when it was that. */
    void giveUp() {
        transactions.executeWithoutResult(_ -> {
            generations.lockServing();
            Entry entry = last();
            if (entry == null || !entry.isRunning() || !end(entry, Status.GIVEN_UP)) {
                throw new Problem(ProblemCode.CONFLICT, "No rebuild of " + view.name() + " is under way.");
            }
            if (entry.rollback()) {
                // Read again: the builder may have come further until its row was ours.
                generations.keepPrevious(Objects.requireNonNull(last()).position());
            }
        });
    }

    /** Drops what a way back would need. */
    void dropPrevious() {
        transactions.executeWithoutResult(_ -> {
            generations.lockServing();
            refuseWhileRunning();
            if (!generations.dropPrevious()) {
                throw new Problem(ProblemCode.CONFLICT, "There is no previous generation to drop.");
            }
        });
    }

    /** Notes progress in the caller's transaction; false when the rebuild was given up, or another node goes on with it. */
    boolean advance(Entry entry, long from, long to, double eventsPerSecond) {
        return jdbc.sql("""
                        update view.rebuild set position = ?, events_per_second = ?, failure = null
                        where projection = ? and generation = ? and status = 'running' and position = ?""")
                        .params(to, eventsPerSecond, view.name(), entry.generation(), from)
                        .update()
                == 1;
    }

    void compared(long compared, long differing, List<RunId> differingRuns) {
        jdbc.sql("update view.rebuild set compared = ?, differing = ?, differing_runs = ? where projection = ?")
                .params(
                        compared,
                        differing,
                        differingRuns.stream().map(RunId::value).toArray(UUID[]::new),
                        view.name())
                .update();
    }

    /** Notes what stopped an attempt. */
    void failed(Entry entry, String failure) {
        jdbc.sql("update view.rebuild set failure = ? where projection = ? and generation = ? and status = 'running'")
                .params(failure.replace("\0", ""), view.name(), entry.generation())
                .update();
    }

    /** Ends it like this in the caller's transaction; false when it had ended. */
    boolean end(Entry entry, Status status) {
        return jdbc.sql("""
                        update view.rebuild set status = ?, finished_at = now(), failure = null
                        where projection = ? and generation = ? and status = 'running'""")
                        .params(name(status), view.name(), entry.generation())
                        .update()
                == 1;
    }

    private void refuseWhileRunning() {
        Entry entry = last();
        if (entry != null && entry.isRunning()) {
            throw new Problem(
                    ProblemCode.CONFLICT,
                    "A rebuild of " + view.name() + " is under way; wait for its end, or give it up.");
        }
    }

    private void open(int generation, int schemaVersion, boolean rollback, long position) {
        jdbc.sql("delete from view.rebuild where projection = ?")
                .param(view.name())
                .update();
        jdbc.sql("""
                        insert into view.rebuild (projection, generation, schema_version, rollback, status, position)
                        values (?, ?, ?, ?, 'running', ?)""")
                .params(view.name(), generation, schemaVersion, rollback, position)
                .update();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getInt("generation"),
                row.getInt("schema_version"),
                row.getBoolean("rollback"),
                Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                row.getLong("position"),
                row.getDouble("events_per_second"),
                Objects.requireNonNull(time(row, "started_at")),
                time(row, "finished_at"),
                row.getString("failure"),
                row.getLong("compared"),
                row.getLong("differing"),
                runs(row.getArray("differing_runs")));
    }

    private static List<RunId> runs(Array ids) throws SQLException {
        return Arrays.stream((UUID[]) ids.getArray()).map(RunId::new).toList();
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static String name(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
