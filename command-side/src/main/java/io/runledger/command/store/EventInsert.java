package io.runledger.command.store;

import io.runledger.api.EventHash;
import io.runledger.api.Ulid;
import io.runledger.command.store.Append.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The one statement that writes events: lock, draw positions, insert, tell all nodes, commit, in one round trip. */
final class EventInsert {

    /** The key of the append lock; all nodes and all versions of the ledger must use the same one. */
    static final long APPEND_LOCK = 0x72756e6c65646765L;

    /**
     * What every node listens on. The query side, which must not depend on this module, names it too; the stories of the
     * server would be slow and fail if the names differed.
     */
    static final String CHANNEL = "runledger_event";

    // Notified once per append, in the one row of "ordered"; sent by PostgreSQL at the commit, and only then.
    private static final String SQL = """
            with ordered as materialized (select pg_advisory_xact_lock(%d), pg_notify('%s', ''))
            insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes, actor,
                correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash)
            select id, project, run_id, sequence, type, version, payload::json, payload_bytes, actor,
                correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash
            from ordered, unnest(?::uuid[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::smallint[], ?::text[],
                ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
                ?::timestamptz[], ?::bytea[]) with ordinality
                as event (id, project, run_id, sequence, type, version, payload, payload_bytes, actor,
                    correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash, place)
            order by place""".formatted(APPEND_LOCK, CHANNEL);

    private EventInsert() {}

    /** Writes these commands' events; in auto-commit mode they are durable when this returns. */
    static void execute(List<Append> group, Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            List<Row> rows =
                    group.stream().flatMap(append -> append.rows().stream()).toList();
            Columns columns = new Columns(rows, connection, statement);
            columns.set("uuid", row -> Ulid.parse(row.event().id()));
            columns.set("text", row -> row.event().project());
            columns.set("uuid", row -> row.event().runId().value());
            columns.set("int8", row -> row.event().sequence());
            columns.set("text", row -> row.event().type());
            columns.set("int2", row -> (short) row.event().version());
            columns.set("text", row -> row.event().payload().text());
            columns.set("int4", Row::payloadBytes);
            columns.set("text", row -> row.event().actor());
            columns.set("text", row -> row.event().correlationId());
            columns.set("text", row -> row.event().causationId());
            columns.set("text", row -> row.event().commandId());
            columns.set("text", Row::key);
            columns.set("text", row -> EventHash.time(row.event().occurredAt()));
            columns.set("text", row -> EventHash.time(row.event().recordedAt()));
            columns.set("bytea", Row::hash);
            statement.executeUpdate();
        }
    }

    private static final class Columns {

        private final List<Row> rows;
        private final Connection connection;
        private final PreparedStatement statement;
        private int index;

        Columns(List<Row> rows, Connection connection, PreparedStatement statement) {
            this.rows = rows;
            this.connection = connection;
            this.statement = statement;
        }

        void set(String type, Function<Row, @Nullable Object> value) throws SQLException {
            Object[] values = rows.stream().map(value).toArray();
            Object[] elements = type.equals("bytea") ? Arrays.copyOf(values, values.length, byte[][].class) : values;
            statement.setArray(++index, connection.createArrayOf(type, elements));
        }
    }
}
