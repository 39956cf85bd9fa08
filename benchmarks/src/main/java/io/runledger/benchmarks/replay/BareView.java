package io.runledger.benchmarks.replay;

import io.runledger.benchmarks.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the ledger's view costs PostgreSQL alone, whoever folds: the finished rows are copied by one statement, then get
 * the same indexes, two at a time as a rebuild makes them, and statistics.
 */
final class BareView {

    private static final int INDEXES_AT_ONCE = 2;

    private final Database database;

    BareView(Database database) {
        this.database = database;
    }

    /** Makes such a table beside the view that serves. */
    void make() throws Exception {
        String table = "view.run_" + database.number("select generation from view.projection where name = 'run'");
        execute("drop table if exists bare_view", "create table bare_view as select * from " + table);
        try (ExecutorService makers = Executors.newFixedThreadPool(INDEXES_AT_ONCE)) {
            List<Future<?>> made = new ArrayList<>();
            for (String index : indexes(table)) {
                made.add(makers.submit(() -> execute("set maintenance_work_mem = '256MB'", index)));
            }
            for (Future<?> one : made) {
                one.get();
            }
        }
        execute("analyze bare_view");
    }

    private List<String> indexes(String table) throws SQLException {
        List<String> indexes = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_get_indexdef(indexrelid) from pg_index"
                        + " where indrelid = '" + table + "'::regclass")) {
            while (row.next()) {
                indexes.add(row.getString(1).replaceFirst("INDEX \\w+ ON " + table, "INDEX ON bare_view"));
            }
        }
        return indexes;
    }

    private boolean execute(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
            return true;
        }
    }
}
