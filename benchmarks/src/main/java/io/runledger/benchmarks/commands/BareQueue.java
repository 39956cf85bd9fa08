package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.commands.Claims.Worker;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A queue as one would write it by hand, beside a table of events: two events and two commits a job, or a batch of jobs. */
final class BareQueue {

    private static final String CLAIM = """
            with claimed as (
                update bare_job set status = 'running', worker = 'w' where run_id in (
                    select run_id from bare_job where status = 'queued' order by place limit ? for update skip locked)
                returning run_id)
            insert into bare_event (run_id, sequence, type, payload)
            select run_id, 1, 'run.started', '{"worker":"w"}' from claimed returning run_id""";

    private static final String COMPLETE = """
            with done as (update bare_job set status = 'done' where run_id = any(?) returning run_id)
            insert into bare_event (run_id, sequence, type, payload)
            select run_id, 2, 'run.succeeded', '{"output":{"bytes":48213}}' from done""";

    private final Database database;

    BareQueue(Database database) throws SQLException {
        this.database = database;
        var _ = new BareEvents(database);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // As a queue wants it: updated in place, and the finished ones out of the way.
            statement.execute("""
                    drop table if exists bare_job;
                    create table bare_job (place bigint generated always as identity, run_id uuid primary key,
                        status text not null, worker text) with (fillfactor = 70);
                    create index bare_queued on bare_job (place) where status = 'queued'""");
        }
    }

    /** Puts so many jobs into the queue. */
    void fill(int jobs) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate bare_job");
            statement.execute("insert into bare_job (run_id, status) select gen_random_uuid(), 'queued'"
                    + " from generate_series(1, " + jobs + ")");
            statement.execute("analyze bare_job");
        }
    }

    /** A worker that claims so many jobs at once and completes them. */
    Worker worker(int batch) throws SQLException {
        Connection connection = database.connect();
        PreparedStatement claim = connection.prepareStatement(CLAIM);
        PreparedStatement complete = connection.prepareStatement(COMPLETE);
        return new Worker() {
            @Override
            public int work() throws SQLException {
                claim.setInt(1, batch);
                List<UUID> claimed = new ArrayList<>();
                try (ResultSet row = claim.executeQuery()) {
                    while (row.next()) {
                        claimed.add(row.getObject(1, UUID.class));
                    }
                }
                if (!claimed.isEmpty()) {
                    complete.setArray(1, connection.createArrayOf("uuid", claimed.toArray()));
                    complete.executeUpdate();
                }
                return claimed.size();
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }
}
