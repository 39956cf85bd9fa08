package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.commands.Clients.Caller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A table of events as one would write by hand, with nothing around it: the physical side of each comparison. */
final class BareEvents {

    /** As long as what the ledger stores for an event of these workloads, or longer. */
    private static final String PAYLOAD = "{\"input\":\"" + "x".repeat(480) + "\"}";

    private static final String INSERT =
            "insert into bare_event (run_id, sequence, type, payload) values (?, ?, 'run.created', cast(? as json))";

    private final Database database;

    BareEvents(Database database) throws SQLException {
        this.database = database;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // What autovacuum did about it between the rounds would be on the ledger's time.
            statement.execute("""
                    create table if not exists bare_event (
                        position bigint generated always as identity primary key, run_id uuid not null,
                        sequence bigint not null, type text not null, payload json not null,
                        recorded_at timestamptz not null default now(), unique (run_id, sequence))
                    with (autovacuum_enabled = off)""");
        }
    }

    /** One insert and its commit. */
    Caller inserting() throws SQLException {
        Connection connection = database.connect();
        PreparedStatement insert = connection.prepareStatement(INSERT);
        return new Caller() {
            @Override
            public void call() throws SQLException {
                insert(insert, UUID.randomUUID(), 0);
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }

    /** Begin, read the run's events, add one, commit; three times for each run, as its life has three commands. */
    Caller living() throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        PreparedStatement read = connection.prepareStatement(
                "select sequence, type, payload from bare_event where run_id = ? order by sequence");
        PreparedStatement insert = connection.prepareStatement(INSERT);
        return new Caller() {
            private UUID run = UUID.randomUUID();
            private int sequence;

            @Override
            public void call() throws SQLException {
                read.setObject(1, run);
                try (ResultSet row = read.executeQuery()) {
                    while (row.next()) {
                        row.getString(3);
                    }
                }
                insert(insert, run, sequence);
                connection.commit();
                sequence = (sequence + 1) % 3;
                run = sequence == 0 ? UUID.randomUUID() : run;
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }

    private static void insert(PreparedStatement insert, UUID run, int sequence) throws SQLException {
        insert.setObject(1, run);
        insert.setInt(2, sequence);
        insert.setString(3, PAYLOAD);
        insert.executeUpdate();
    }
}
