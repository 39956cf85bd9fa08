package io.runledger.benchmarks.replay;

import io.runledger.benchmarks.Database;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A view of runs as one would write it by hand: seven columns and no index but the key, folded in memory and written by
 * one multi-row upsert for so many events, while the next ones are read on another connection.
 */
final class BareFold {

    private static final int BATCH = 10_000;

    private static final String READ =
            "select position, run_id, sequence, type, payload, recorded_at from ledger.event order by position";

    private static final String UPSERT = """
            insert into bare_run (id, status, created, started_at, finished_at, version, position)
            select * from unnest(?::uuid[], ?::text[], ?::json[], ?::timestamptz[], ?::timestamptz[], ?::bigint[],
                ?::bigint[])
            on conflict (id) do update set status = excluded.status,
                created = coalesce(excluded.created, bare_run.created),
                started_at = coalesce(excluded.started_at, bare_run.started_at), finished_at = excluded.finished_at,
                version = excluded.version, position = excluded.position""";

    private final Database database;

    BareFold(Database database) {
        this.database = database;
    }

    /** A run as far as one batch of events tells. */
    private static final class Row {
        private String status = "";
        private @Nullable String created;
        private @Nullable String startedAt;
        private @Nullable String finishedAt;
        private long version;
        private long position;

        private void apply(ResultSet event) throws SQLException {
            String type = event.getString(4);
            String payload = event.getString(5);
            String at = event.getObject(6, OffsetDateTime.class).toString();
            status = type;
            position = event.getLong(1);
            version = event.getLong(3);
            switch (type) {
                case "run.created" -> created = payload;
                case "run.started" -> startedAt = at;
                default -> finishedAt = at;
            }
        }
    }

    /** Makes the view from all events; the answer is how many there were. */
    long run() throws SQLException, InterruptedException, ExecutionException {
        try (Connection reading = database.connect();
                Connection writing = database.connect();
                Statement statement = writing.createStatement();
                ExecutorService writer = Executors.newSingleThreadExecutor()) {
            statement.execute("""
                    drop table if exists bare_run;
                    create table bare_run (id uuid primary key, status text not null, created json,
                        started_at timestamptz, finished_at timestamptz, version bigint not null,
                        position bigint not null)""");
            reading.setAutoCommit(false);
            writing.setAutoCommit(false);
            try (PreparedStatement read = reading.prepareStatement(READ);
                    PreparedStatement upsert = writing.prepareStatement(UPSERT)) {
                read.setFetchSize(BATCH);
                long events = 0;
                Future<?> written = writer.submit(() -> {});
                try (ResultSet event = read.executeQuery()) {
                    Map<UUID, Row> rows = new LinkedHashMap<>();
                    while (event.next()) {
                        rows.computeIfAbsent(event.getObject(2, UUID.class), _ -> new Row())
                                .apply(event);
                        if (++events % BATCH == 0) {
                            Map<UUID, Row> batch = rows;
                            rows = new LinkedHashMap<>();
                            written.get();
                            written = writer.submit(() -> write(upsert, batch));
                        }
                    }
                    written.get();
                    write(upsert, rows);
                }
                return events;
            }
        }
    }

    private static boolean write(PreparedStatement upsert, Map<UUID, Row> rows) throws SQLException {
        Connection connection = upsert.getConnection();
        upsert.setArray(1, connection.createArrayOf("uuid", rows.keySet().toArray()));
        upsert.setArray(2, array(connection, "text", rows, row -> row.status));
        upsert.setArray(3, array(connection, "json", rows, row -> row.created));
        upsert.setArray(4, array(connection, "text", rows, row -> row.startedAt));
        upsert.setArray(5, array(connection, "text", rows, row -> row.finishedAt));
        upsert.setArray(6, array(connection, "bigint", rows, row -> row.version));
        upsert.setArray(7, array(connection, "bigint", rows, row -> row.position));
        upsert.executeUpdate();
        connection.commit();
        return true;
    }

    private static Array array(
            Connection connection, String type, Map<UUID, Row> rows, Function<Row, @Nullable Object> value)
            throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (Row row : rows.values()) {
            values.add(value.apply(row));
        }
        return connection.createArrayOf(type, values.toArray());
    }
}
