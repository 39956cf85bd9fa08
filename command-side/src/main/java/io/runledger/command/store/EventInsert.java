package io.runledger.command.store;

import io.runledger.api.EventHash;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import io.runledger.command.store.Append.Row;
import io.runledger.command.store.AppendRefused.Rule;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
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

    // Notified once per append, in the one row of "ordered", with who it was; sent by PostgreSQL at the commit, and
    // only then.
    private static final String ORDERED =
            "with ordered as materialized (select pg_advisory_xact_lock(%d), pg_notify('%s', ?))"
                    .formatted(APPEND_LOCK, CHANNEL);

    private static final String INSERT = """
            insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes, actor,
                correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash)
            select id, project, run_id, sequence, type, version, payload::json, payload_bytes, actor,
                correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash
            from ordered, unnest(?::uuid[], ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::smallint[], ?::text[],
                ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
                ?::timestamptz[], ?::bytea[]) with ordinality
                as event (id, project, run_id, sequence, type, version, payload, payload_bytes, actor,
                    correlation_id, causation_id, command_id, run_key, occurred_at, recorded_at, hash, place)
            order by place""";

    private static final String APPENDED =
            ORDERED + ", appended as (" + INSERT + " returning run_id, sequence, position)";
    /** Each combination of parts, made once; a driver knows a statement again by its text. */
    private static final List<String> STATEMENTS = IntStream.range(0, 16)
            .mapToObj(parts -> sql((parts & 8) != 0, (parts & 4) != 0, (parts & 2) != 0, (parts & 1) != 0))
            .toList();

    private static final String PRECEDED = """
            select run_id, 'ONE_EVENT_PER_VERSION' as rule from ledger.event
            join unnest(?::uuid[], ?::bigint[]) as wanted (run_id, sequence) using (run_id, sequence)
            union all
            select wanted.run_id, 'ONE_RUN_PER_KEY' from ledger.event
            join unnest(?::uuid[], ?::text[], ?::text[]) as wanted (run_id, project, run_key) using (project, run_key)""";

    private EventInsert() {}

    /**
     * Writes these commands' events and says where they stand; in auto-commit mode they are durable when this returns.
     *
     * @param node what all nodes are told
     */
    static void execute(List<Append> group, String node, Connection connection) throws SQLException {
        WorkInsert work = WorkInsert.of(group);
        boolean items = ItemInsert.isNeeded(group);
        boolean tasks = TaskInsert.isNeeded(group);
        try (PreparedStatement statement = connection.prepareStatement(statement(items, tasks, work))) {
            Parameters parameters = new Parameters(connection, statement);
            parameters.text(node);
            List<Row> rows =
                    group.stream().flatMap(append -> append.rows().stream()).toList();
            parameters.array("uuid", rows, row -> Ulid.parse(row.event().id()));
            parameters.array("text", rows, row -> row.event().project());
            parameters.array("uuid", rows, row -> row.event().runId().value());
            parameters.array("int8", rows, row -> row.event().sequence());
            parameters.array("text", rows, row -> row.event().type());
            parameters.array("int2", rows, row -> (short) row.event().version());
            parameters.array("text", rows, row -> row.event().payload().text());
            parameters.array("int4", rows, Row::payloadBytes);
            parameters.array("text", rows, row -> row.event().actor());
            parameters.array("text", rows, row -> row.event().correlationId());
            parameters.array("text", rows, row -> row.event().causationId());
            parameters.array("text", rows, row -> row.event().commandId());
            parameters.array("text", rows, Row::key);
            parameters.array("text", rows, row -> EventHash.time(row.event().occurredAt()));
            parameters.array("text", rows, row -> EventHash.time(row.event().recordedAt()));
            parameters.array("bytea", rows, Row::hash);
            if (items) {
                ItemInsert.bind(group, parameters);
            }
            if (tasks) {
                TaskInsert.bind(group, parameters);
            }
            work.bind(parameters);
            try (ResultSet positions = statement.executeQuery()) {
                for (Append append : group) {
                    append.stand(next(positions, append.rows().size()));
                }
            }
        }
    }

    /** The runs among these that have an event of the version that was to be written, or whose key is another's. */
    static Map<RunId, Rule> preceded(List<Append> group, Connection connection) throws SQLException {
        List<Row> first = group.stream().map(append -> append.rows().getFirst()).toList();
        try (PreparedStatement statement = connection.prepareStatement(PRECEDED)) {
            Parameters parameters = new Parameters(connection, statement);
            parameters.array("uuid", first, row -> row.event().runId().value());
            parameters.array("int8", first, row -> row.event().sequence());
            parameters.array("uuid", first, row -> row.event().runId().value());
            parameters.array("text", first, row -> row.event().project());
            parameters.array("text", first, Row::key);
            try (ResultSet rows = statement.executeQuery()) {
                Map<RunId, Rule> runs = new HashMap<>();
                while (rows.next()) {
                    runs.putIfAbsent(new RunId(rows.getObject(1, UUID.class)), Rule.valueOf(rows.getString(2)));
                }
                return runs;
            }
        }
    }

    private static long[] next(ResultSet positions, int count) throws SQLException {
        long[] next = new long[count];
        for (int i = 0; i < count; i++) {
            positions.next();
            next[i] = positions.getLong(1);
        }
        return next;
    }

    private static String statement(boolean items, boolean tasks, WorkInsert work) {
        return STATEMENTS.get((items ? 8 : 0)
                | (tasks ? 4 : 0)
                | (work.gone().isEmpty() ? 0 : 2)
                | (work.standing().isEmpty() ? 0 : 1));
    }

    /** The parts in the order in which their parameters are set; the last one is in the answer's columns. */
    private static String sql(boolean items, boolean tasks, boolean gone, boolean standing) {
        String parts = (items ? ItemInsert.SQL : "") + (tasks ? TaskInsert.SQL : "") + WorkInsert.sql(gone, standing);
        String wakes = (tasks ? TaskInsert.WAKE : "") + WorkInsert.wake(gone, standing);
        // Positions are drawn in the order of the rows.
        return APPENDED + parts + " select position" + wakes + " from appended order by position";
    }

    /** Sets one parameter after the other, nearly each an array with one value of each row. */
    static final class Parameters {

        private final Connection connection;
        private final PreparedStatement statement;
        private int index;

        Parameters(Connection connection, PreparedStatement statement) {
            this.connection = connection;
            this.statement = statement;
        }

        void text(String value) throws SQLException {
            statement.setString(++index, value);
        }

        <T> void array(String type, List<T> rows, Function<T, @Nullable Object> value) throws SQLException {
            Object[] values = rows.stream().map(value).toArray();
            statement.setArray(
                    ++index, connection.createArrayOf(type, Arrays.copyOf(values, values.length, arrayOf(type))));
        }

        /** What the driver sends as it is; of any other array it makes one text, with every quote escaped. */
        private static Class<? extends Object[]> arrayOf(String type) {
            return switch (type) {
                case "text" -> String[].class;
                case "int8" -> Long[].class;
                case "int4" -> Integer[].class;
                case "int2" -> Short[].class;
                case "bytea" -> byte[][].class;
                default -> Object[].class;
            };
        }
    }
}
