package io.runledger.command.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads {@code ledger.event}: a batch of rows by one question, of so many events and bytes at most. */
final class EventRows {

    /** Of payloads, after the first: what a reader takes into memory at once. */
    static final int MOST_BYTES = 4 << 20;

    private static final String COLUMNS = """
            position, id, project, run_id, sequence, type, version, payload, actor, correlation_id, causation_id, \
            command_id, occurred_at, recorded_at, payload_bytes, hash""";

    private static final String READ_ALL = batch("position > ?", "position");

    // A run is folded without the inputs of its items, of which nothing but their number is wanted there; a batch of
    // 100,000 would be read in whole for every command that its memory is stale for. Their text is not even looked at.
    private static final String WITHOUT_INPUTS = """
            coalesce(case type when 'run.items_added' then (
                select '{"first":' || first || ',"inputs":[' || repeat('null,', count - 1) || 'null]}'
                from ledger.item_chunk as chunk
                where chunk.run_id = sized.run_id and chunk.sequence = sized.sequence) end, payload::text) as payload""";

    // Sequence numbers have no holes, so a batch has two ends. With one end only, a planner that takes a run for short
    // sorts all the rest of it for each batch, and loading one of 10,000 events becomes quadratic.
    private static final String READ_RUN = batch("run_id = ? and sequence >= ? and sequence < ?", "sequence")
            .replaceFirst("payload,", WITHOUT_INPUTS + ",");

    private static final String READ_RUNS = batch(
                    "run_id = any(?) and position <= ? and (run_id, sequence) > (?, ?)", "run_id, sequence")
            .replaceFirst("payload,", WITHOUT_INPUTS + ",");

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private final DataSource dataSource;

    EventRows(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    private static String batch(String condition, String order) {
        // The running sum stops a batch at a number of bytes; it looks at sizes only, so skipped payloads are not read.
        return """
                select %1$s from (
                    select %1$s, sum(payload_bytes) over (order by %3$s) - payload_bytes as bytes_before
                    from (select %1$s from ledger.event where %2$s order by %3$s limit ?) as next
                ) as sized
                where bytes_before < ? order by %3$s""".formatted(COLUMNS, condition, order);
    }

    /** The next ones after this place, whichever run's they are. */
    List<EventRow> after(long position, int most) {
        return read(READ_ALL, statement -> {
            statement.setLong(1, position);
            statement.setInt(2, most);
            statement.setInt(3, MOST_BYTES);
        });
    }

    /** A run's, from this one of its events on, as it is folded: without the inputs of its items. */
    List<EventRow> ofRun(UUID run, long firstSequence, int most) {
        return read(READ_RUN, statement -> {
            statement.setObject(1, run);
            statement.setLong(2, firstSequence);
            statement.setLong(3, firstSequence + most);
            statement.setInt(4, most);
            statement.setInt(5, MOST_BYTES);
        });
    }

    /**
     * Those of these runs up to this position, each as it is folded, in the order of the runs' ids.
     *
     * @param last after this one; null for the first ones
     */
    List<EventRow> ofRuns(UUID[] runs, long position, @Nullable EventRow last, int most) {
        return read(READ_RUNS, statement -> {
            statement.setArray(1, statement.getConnection().createArrayOf("uuid", runs));
            statement.setLong(2, position);
            statement.setObject(3, last == null ? BEFORE_ALL : RunIds.uuid(last.aggregateIdentifier()));
            statement.setLong(4, last == null ? -1 : last.sequence());
            statement.setInt(5, most);
            statement.setInt(6, MOST_BYTES);
        });
    }

    private List<EventRow> read(String sql, Binding binding) {
        return ReadTurns.read(() -> readNow(sql, binding));
    }

    private List<EventRow> readNow(String sql, Binding binding) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = IndexOrder.prepare(connection, sql)) {
            binding.bind(statement);
            try (ResultSet rows = IndexOrder.rows(statement)) {
                List<EventRow> events = new ArrayList<>();
                while (rows.next()) {
                    events.add(EventRow.read(rows));
                }
                return events;
            }
        } catch (SQLException e) {
            throw StoreFailure.of("read events", e);
        }
    }

    /** What a question for one number is answered. */
    Optional<Long> number(String sql, Binding binding) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            binding.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return Optional.ofNullable(rows.getObject(1, Long.class));
            }
        } catch (SQLException e) {
            throw StoreFailure.of("read a position", e);
        }
    }

    /** Sets the parameters of a statement. */
    interface Binding {
        void bind(PreparedStatement statement) throws SQLException;
    }
}
