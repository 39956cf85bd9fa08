package io.runledger.command.store;

import io.runledger.api.EventHash;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import io.runledger.command.store.Append.Row;
import io.runledger.command.store.AppendRefused.Rule;
import io.runledger.command.store.ParameterRows.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

    private static final String ORDERED =
            "with ordered as materialized (select pg_advisory_xact_lock(" + APPEND_LOCK + ")";

    // Once per append, in the one row of "ordered", with who it was; sent by PostgreSQL at the commit, and only then.
    private static final String TOLD = ", pg_notify('" + CHANNEL + "', ?)";

    /** A column of the whole statement's answer, for its effect: tells those who wait for something to do. */
    private static final String CALLED = ", (select count(pg_notify(channel, '')) from unnest(?::text[]) as channel)";

    private static final ParameterRows<Row> ROWS = new ParameterRows<>(List.of(
            new Column<>("id", "uuid", row -> Ulid.parse(row.event().id())),
            new Column<>("project", "text", row -> row.event().project()),
            new Column<>("run_id", "uuid", row -> row.event().runId().value()),
            new Column<>("sequence", "int8", row -> row.event().sequence()),
            new Column<>("type", "text", row -> row.event().type()),
            new Column<>("version", "int2", row -> (short) row.event().version()),
            new Column<>("payload", "text", row -> row.event().payload().text()),
            new Column<>("payload_bytes", "int4", Row::payloadBytes),
            new Column<>("actor", "text", row -> row.event().actor()),
            new Column<>("correlation_id", "text", row -> row.event().correlationId()),
            new Column<>("causation_id", "text", row -> row.event().causationId()),
            new Column<>("command_id", "text", row -> row.event().commandId()),
            new Column<>("run_key", "text", Row::key),
            new Column<>(
                    "occurred_at",
                    "timestamptz",
                    row -> EventHash.time(row.event().occurredAt())),
            new Column<>(
                    "recorded_at",
                    "timestamptz",
                    row -> EventHash.time(row.event().recordedAt())),
            new Column<>("hash", "bytea", Row::hash)));

    /** Each combination of parts, made once; a driver knows a statement again by its text. */
    private static final Map<Shape, String> STATEMENTS = new ConcurrentHashMap<>();

    /**
     * What a statement writes.
     *
     * @param told whether other nodes are
     * @param rows how events are given
     * @param standing how rows of work are given; 0 when there are none
     */
    private record Shape(boolean told, int rows, boolean items, boolean tasks, boolean gone, int standing) {}

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
     * @param node what all nodes are told; null when nobody is
     * @return who has something to do now: see {@link WorkChannels}
     */
    static List<String> execute(List<Append> group, @Nullable String node, Connection connection) throws SQLException {
        WorkInsert work = WorkInsert.of(group);
        boolean items = ItemInsert.isNeeded(group);
        boolean tasks = TaskInsert.isNeeded(group);
        List<Row> rows =
                group.stream().flatMap(append -> append.rows().stream()).toList();
        Shape shape = new Shape(
                node != null,
                ParameterRows.shape(rows.size()),
                items,
                tasks,
                !work.gone().isEmpty(),
                ParameterRows.shape(work.standing().size()));
        List<String> channels = work.channels();
        if (tasks) {
            channels.add(WorkChannels.TASKS);
        }
        String sql = STATEMENTS.computeIfAbsent(shape, EventInsert::sql);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Parameters parameters = new Parameters(connection, statement);
            if (node != null) {
                parameters.value("text", node);
            }
            ROWS.bind(parameters, rows);
            if (items) {
                ItemInsert.bind(group, parameters);
            }
            if (tasks) {
                TaskInsert.bind(group, parameters);
            }
            work.bind(parameters);
            if (node != null) {
                parameters.array("text", channels, channel -> channel);
            }
            try (ResultSet positions = statement.executeQuery()) {
                for (Append append : group) {
                    append.stand(next(positions, append.rows().size()));
                }
            }
        }
        return channels;
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

    /** The parts in the order in which their parameters are set; the last one is in the answer's columns. */
    private static String sql(Shape shape) {
        String insert = """
                insert into ledger.event (%1$s) select %2$s from ordered, %3$s order by place""".formatted(
                ROWS.names(), ROWS.names().replace("payload,", "payload::json,"), ROWS.from("event", shape.rows()));
        String parts = (shape.items() ? ItemInsert.SQL : "")
                + (shape.tasks() ? TaskInsert.SQL : "")
                + WorkInsert.sql(shape.gone(), shape.standing());
        // Positions are drawn in the order of the rows.
        return ORDERED + (shape.told() ? TOLD : "") + "), appended as (" + insert
                + " returning run_id, sequence, position)" + parts + " select position" + (shape.told() ? CALLED : "")
                + " from appended order by position";
    }

    /** Sets one parameter after the other, a value, or an array with one value of each row. */
    static final class Parameters {

        private final Connection connection;
        private final PreparedStatement statement;
        private int index;

        Parameters(Connection connection, PreparedStatement statement) {
            this.connection = connection;
            this.statement = statement;
        }

        /** Sets one value of this type. */
        void value(String type, @Nullable Object value) throws SQLException {
            if (value == null) {
                statement.setNull(++index, sqlType(type));
            } else {
                statement.setObject(++index, value);
            }
        }

        <T> void array(String type, List<T> rows, Function<T, @Nullable Object> value) throws SQLException {
            Object[] values = rows.stream().map(value).toArray();
            // The text of a time, of which PostgreSQL makes one.
            String sent = type.equals("timestamptz") ? "text" : type;
            statement.setArray(
                    ++index, connection.createArrayOf(sent, Arrays.copyOf(values, values.length, arrayOf(sent))));
        }

        /** A null without a type would have the statement parsed again. */
        private static int sqlType(String type) {
            return switch (type) {
                case "int8" -> Types.BIGINT;
                case "int4" -> Types.INTEGER;
                case "int2" -> Types.SMALLINT;
                default -> Types.VARCHAR;
            };
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
