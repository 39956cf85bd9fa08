package io.runledger.benchmarks.sample;

import io.runledger.api.EventHash;
import io.runledger.benchmarks.Stage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Fills an empty ledger with made-up runs, through COPY, with the indexes on their columns made afterwards. */
public final class SampleLedger {

    private static final long SEED = 20_261_122;
    private static final String FILLED = "filled";
    private static final long DAYS_30 = 30L * 24 * 3_600 * 1_000_000;

    private final DataSource owner;
    private final Consumer<String> told;
    private final long end;

    /**
     * Nothing is written yet.
     *
     * @param owner of the tables; the ledger must not be running
     * @param told what was done, and how long it took, a line each
     * @param endMillis when the last run is created; the first one is created 30 days before
     */
    public SampleLedger(DataSource owner, Consumer<String> told, long endMillis) {
        this.owner = owner;
        this.told = told;
        this.end = endMillis * 1_000;
    }

    /** A run some of whose events are not written yet. */
    private static final class Open {
        private final SampleRun run;
        private byte[] hash = EventHash.genesis();
        private int next;
        private long first;

        private Open(SampleRun run) {
            this.run = run;
        }

        private long at() {
            return run.happenings().get(next).micros();
        }
    }

    /**
     * Fills the stage's database, unless it was filled before, with whatever came since; the ledger is not running
     * afterwards.
     *
     * @throws IllegalStateException when it holds something else
     */
    public static void fill(Stage stage, long runs) throws Exception {
        // The ledger makes its tables when it starts for the first time.
        stage.ledger();
        stage.stopLedger();
        SampleLedger sample =
                new SampleLedger(stage.database().owner(), stage::tell, System.currentTimeMillis() - 60_000);
        long there = stage.database().number("select count(*) from view.run");
        if (there == 0) {
            sample.fill(runs);
        } else if (there < runs || !sample.isFilled()) {
            throw new IllegalStateException("The database holds " + there + " runs and not " + runs
                    + ", or its filling was broken off: delete it");
        }
    }

    /** Writes so many runs with their events, then brings indexes, counters and statistics up to date. */
    public void fill(long runs) throws SQLException {
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            List<String> indexes = indexes(statement);
            for (String index : indexes) {
                statement.execute("drop index " + index.replaceFirst("(?i).* INDEX (\\w+) ON (\\w+)\\..*", "$2.$1"));
            }
            long[] events = {0};
            timed(runs + " runs copied", () -> events[0] = copy(runs));
            told.accept(events[0] + " events");
            statement.execute("set maintenance_work_mem = '1GB'");
            timed(indexes.size() + " indexes made", () -> {
                for (String index : indexes) {
                    statement.execute(index);
                }
            });
            statement.execute("select setval(pg_get_serial_sequence('ledger.event', 'position'), " + events[0] + ")");
            statement.execute("update view.token_entry set token = convert_to('{\"globalIndex\":" + events[0]
                    + "}', 'UTF8'), token_type = 'org.axonframework.eventhandling.GlobalSequenceTrackingToken'");
            timed(
                    "vacuumed and analysed",
                    () -> statement.execute("vacuum (analyze) view.run_1, view.run_count, ledger.event"));
            statement.execute("comment on table ledger.event is '" + FILLED + "'");
        }
    }

    /** Whether the ledger was filled to the end: one whose filling was broken off has rows too, but not all indexes. */
    private boolean isFilled() throws SQLException {
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select obj_description('ledger.event'::regclass, 'pg_class')")) {
            row.next();
            return FILLED.equals(row.getString(1));
        }
    }

    /** All indexes but those that hold a rule of the table. */
    private static List<String> indexes(Statement statement) throws SQLException {
        List<String> indexes = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("""
                select pg_get_indexdef(index.indexrelid) from pg_index as index
                where index.indrelid in ('view.run_1'::regclass, 'ledger.event'::regclass)
                    and not exists (select from pg_constraint where conindid = index.indexrelid)
                order by 1""")) {
            while (row.next()) {
                indexes.add(row.getString(1));
            }
        }
        return indexes;
    }

    /** The events of all runs, in the order of their times; the answer is how many there are. */
    private long copy(long count) throws SQLException {
        try (Connection forEvents = owner.getConnection();
                Connection forRuns = owner.getConnection();
                EventLines events = new EventLines(forEvents, SEED);
                RunLines rows = new RunLines(forRuns)) {
            SampleRuns runs = new SampleRuns(count, SEED, end - DAYS_30, end);
            PriorityQueue<Open> open = new PriorityQueue<>(Comparator.comparingLong(Open::at));
            long position = 0;
            while (runs.hasNext() || !open.isEmpty()) {
                Open run = open.peek();
                if (run == null || runs.hasNext() && runs.nextAt() <= run.at()) {
                    open.add(new Open(runs.next()));
                    continue;
                }
                open.remove();
                run.hash = events.write(run.run, run.next, ++position, run.hash);
                run.first = run.next == 0 ? position : run.first;
                run.next++;
                if (run.next < run.run.happenings().size()) {
                    open.add(run);
                } else {
                    rows.write(run.run, run.first, position);
                }
            }
            return position;
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    private void timed(String what, Step step) throws SQLException {
        long begun = System.nanoTime();
        step.run();
        told.accept("%s in %.1f s".formatted(what, (System.nanoTime() - begun) / 1e9));
    }
}
