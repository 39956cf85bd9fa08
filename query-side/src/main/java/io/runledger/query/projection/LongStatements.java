package io.runledger.query.projection;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.springframework.jdbc.datasource.DataSourceUtils;

/** Carries out what takes longer than any statement of a request may: indexes and statistics of a large view. */
final class LongStatements {

    private static final int PATIENCE_MILLIS = (int) Duration.ofHours(2).toMillis();

    /** Two indexes at once take half as long as one after the other whose sorting is shared among workers. */
    private static final int AT_ONCE = 2;

    /** What sorts for an index may take on the database's side. */
    private static final String INDEX_MEMORY = "256MB";

    private final ViewStore store;
    private final Runnable goOn;

    /**
     * @param goOn called before each statement; throws when no other one shall begin
     */
    LongStatements(ViewStore store, Runnable goOn) {
        this.store = store;
        this.goOn = goOn;
    }

    /** Carries these out in any order. */
    void runAll(List<String> statements) throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            CompletionService<Boolean> done = new ExecutorCompletionService<>(threads);
            int open = 0;
            for (String sql : statements) {
                goOn.run();
                if (open == AT_ONCE) {
                    await(done.take());
                    open--;
                }
                done.submit(() -> carryOut(sql), true);
                open++;
            }
            for (; open > 0; open--) {
                await(done.take());
            }
        }
    }

    /** Carries this one out. */
    void run(String sql) {
        goOn.run();
        carryOut(sql);
    }

    /** What ended this ends the caller too. */
    static void await(Future<?> done) throws InterruptedException {
        try {
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("a part of the rebuild has failed", e.getCause());
        }
    }

    private void carryOut(String sql) {
        store.transactions().executeWithoutResult(_ -> {
            Connection connection = DataSourceUtils.getConnection(store.dataSource());
            try (Statement statement = connection.createStatement()) {
                int before = connection.getNetworkTimeout();
                connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
                try {
                    statement.execute("set local statement_timeout = " + PATIENCE_MILLIS);
                    statement.execute("set local maintenance_work_mem = '" + INDEX_MEMORY + "'");
                    statement.execute("set local max_parallel_maintenance_workers = 0");
                    statement.execute(sql);
                } finally {
                    connection.setNetworkTimeout(Runnable::run, before);
                }
            } catch (SQLException e) {
                throw new IllegalStateException("cannot do: " + sql, e);
            } finally {
                DataSourceUtils.releaseConnection(connection, store.dataSource());
            }
        });
    }
}
