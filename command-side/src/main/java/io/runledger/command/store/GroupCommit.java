package io.runledger.command.store;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.Futures;
import io.runledger.command.store.AppendRefused.Rule;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what all waiting commands of this node have to append in one statement and one commit: a commit costs one
 * flush of the disk, however many wait for it. It takes what is there when the last one returns, without a timer (ADR 11).
 */
final class GroupCommit implements AutoCloseable {

    /** The append lock is held for one group, so a group has an end: so many events, or so many bytes. */
    private static final int MOST_EVENTS = 1_000;

    private static final int MOST_BYTES = 4 << 20;

    /** A connection that has rested for so long is asked whether it is alive, and has so long to answer. */
    private static final long RESTED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int ALIVE_SECONDS = 1;

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final DataSource dataSource;
    private final RecentAppends recent;
    private final BlockingQueue<Append> waiting = new LinkedBlockingQueue<>();
    private final Thread writer;
    private volatile boolean closed;
    private boolean ended;

    /** Held by who writes, and guards the connection. */
    private final Lock writing = new ReentrantLock();

    /** Whether the last command came alone, so that the next one need not wait for others, nor for another thread. */
    private volatile boolean quiet = true;

    /** What the writer has taken and not begun to write. */
    private volatile @Nullable Append next;

    /** The writer's own: it must not wait for a connection behind the readers. */
    private @Nullable Connection connection;

    private long lastUsed;

    GroupCommit(DataSource dataSource, RecentAppends recent) {
        this.dataSource = dataSource;
        this.recent = recent;
        this.writer = Thread.ofPlatform().name("event-writer").daemon().unstarted(this::run);
        this.writer.start();
    }

    /**
     * Returns when the events are durable.
     *
     * @throws AppendRefused when a rule of the store is broken
     */
    void write(Append append) {
        if (quiet && waiting.isEmpty() && writing.tryLock()) {
            try {
                requireOpen();
                writeGroup(List.of(append));
            } finally {
                writing.unlock();
            }
        } else {
            requireOpen();
            waiting.add(append);
            if (!writer.isAlive()) {
                refuseWaiting(_ -> shuttingDown());
            }
        }
        Futures.join(append.done());
    }

    private void requireOpen() {
        if (closed) {
            throw shuttingDown();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // The yield saves work where processors are busy; nothing relies on it.
    private void run() {
        try {
            while (!ended) {
                Append first = waiting.take();
                next = first;
                writing.lock();
                try {
                    next = null;
                    writeGroup(groupOf(first));
                } finally {
                    writing.unlock();
                }
                // What those who were answered append next is then in the next group, and not in one after it.
                Thread.yield();
            }
        } catch (InterruptedException e) {
            LOG.warn("the event writer was interrupted and stops");
        } finally {
            closed = true;
            // Who writes by itself now is the last.
            writing.lock();
            try {
                discard();
            } finally {
                writing.unlock();
            }
            refuseWaiting(_ -> shuttingDown());
        }
    }

    private List<Append> groupOf(Append first) {
        List<Append> group = new ArrayList<>();
        int events = 0;
        long bytes = 0;
        for (Append append = first; append != null; append = waiting.poll()) {
            if (append.isEnd()) {
                ended = true;
                break;
            }
            group.add(append);
            events += append.rows().size();
            bytes += append.bytes();
            if (events >= MOST_EVENTS || bytes >= MOST_BYTES) {
                break;
            }
        }
        // Who was refused meanwhile was answered.
        group.removeIf(append -> append.done().isDone());
        return group;
    }

    private void refuseWaiting(Function<Append, Throwable> why) {
        List<Append> refused = new ArrayList<>();
        Append taken = next;
        if (taken != null) {
            refused.add(taken);
        }
        waiting.drainTo(refused);
        for (Append append : refused) {
            if (append.isEnd()) {
                // The writer still has to come to it.
                waiting.add(append);
            } else {
                append.done().completeExceptionally(why.apply(append));
            }
        }
    }

    private static Problem shuttingDown() {
        return new Problem(ProblemCode.UNAVAILABLE, "The ledger is shutting down; nothing was written.");
    }

    private void writeGroup(List<Append> group) {
        if (group.isEmpty()) {
            return;
        }
        quiet = group.size() == 1;
        try {
            recent.add(group, insert(group));
            group.forEach(append -> append.done().complete(null));
        } catch (SQLException e) {
            if (group.size() > 1 && breaksARule(e)) {
                writeApart(group, e);
                return;
            }
            // A statement whose time ran out leaves a connection that is sound; for another one it would have to wait.
            if (!breaksARule(e) && !isCancelled(e)) {
                discard();
            }
            group.forEach(append -> append.done().completeExceptionally(AppendRefused.orFailure(append.runId(), e)));
            if (gaveNoAnswer(e)) {
                // They have waited as long as these; a try of their own would take as long again.
                refuseWaiting(append -> AppendRefused.orFailure(append.runId(), e));
            }
        } catch (RuntimeException e) {
            discard();
            group.forEach(append -> append.done().completeExceptionally(e));
        }
    }

    /**
     * One command's conflict must not fail its neighbours. Most often another node wrote to the same run first, or a create
     * was sent again; these commands are told apart by one question, and the others stay together.
     */
    private void writeApart(List<Append> group, SQLException conflict) {
        Map<RunId, Rule> preceded;
        try {
            preceded = EventInsert.preceded(group, Objects.requireNonNull(connection));
        } catch (SQLException e) {
            discard();
            group.forEach(append -> append.done().completeExceptionally(StoreFailure.of("append events", e)));
            return;
        }
        if (preceded.isEmpty()) {
            group.forEach(append -> writeGroup(List.of(append)));
            return;
        }
        List<Append> others = new ArrayList<>(group.size());
        for (Append append : group) {
            Rule broken = preceded.get(append.runId());
            if (broken == null) {
                others.add(append);
            } else {
                append.done().completeExceptionally(new AppendRefused(append.runId(), broken, conflict));
            }
        }
        writeGroup(others);
    }

    private static boolean breaksARule(SQLException e) {
        return PSQLState.UNIQUE_VIOLATION.getState().equals(e.getSQLState());
    }

    /** Whether time ran out: for the statement, for its connection, or for getting one. */
    private static boolean gaveNoAnswer(SQLException e) {
        return isCancelled(e)
                || PSQLState.CONNECTION_FAILURE.getState().equals(e.getSQLState())
                || e instanceof SQLTransientConnectionException;
    }

    private static boolean isCancelled(SQLException e) {
        return PSQLState.QUERY_CANCELED.getState().equals(e.getSQLState());
    }

    private List<String> insert(List<Append> group) throws SQLException {
        Connection open = connection;
        // A database that was restarted meanwhile has ended it, which the first command since must not pay for.
        if (open != null && System.nanoTime() - lastUsed > RESTED_NANOS && !open.isValid(ALIVE_SECONDS)) {
            discard();
            open = null;
        }
        if (open == null) {
            open = dataSource.getConnection();
            connection = open;
            keepPlan(open);
        }
        List<String> channels = EventInsert.execute(group, recent.told(), open);
        lastUsed = System.nanoTime();
        return channels;
    }

    /**
     * The statement is planned once: that takes longer than carrying it out for a command that comes alone. A plan from
     * when the table of work was small would read all of it for every group.
     */
    private static void keepPlan(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off");
        }
    }

    /** Gives the connection back; a broken one is thrown away by the pool. */
    private void discard() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try (open;
                    Statement statement = open.createStatement()) {
                statement.execute("reset plan_cache_mode; reset enable_seqscan");
            } catch (SQLException e) {
                LOG.debug("closing a broken connection", e);
            }
        }
    }

    /** Writes what is waiting, then stops. */
    @Override
    public void close() {
        closed = true;
        waiting.add(Append.end());
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
