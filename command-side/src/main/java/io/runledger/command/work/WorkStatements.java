package io.runledger.command.work;

import io.runledger.api.RunId;
import io.runledger.command.store.IndexOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * Statements on the table of work. It is empty in one minute and holds a million runs in the next, and a plan that was
 * kept from then would read them all: so a statement is either planned anew, or made to follow the order of an index.
 */
final class WorkStatements {

    private final JdbcTemplate jdbc;

    WorkStatements(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * The rows of a statement that finds them by an index, in its order; the plan is kept. One round trip, and a
     * transaction of its own.
     */
    <T> List<T> follow(String sql, RowMapper<T> row, @Nullable Object... parameters) {
        List<T> rows = new ArrayList<>();
        jdbc.execute((Connection connection) -> {
            try (PreparedStatement statement = IndexOrder.prepare(connection, sql)) {
                bind(statement, parameters);
                try (ResultSet result = IndexOrder.rows(statement)) {
                    while (result.next()) {
                        rows.add(row.mapRow(result, rows.size()));
                    }
                }
                return rows;
            }
        });
        return rows;
    }

    /** The rows of a statement that is planned anew, which is a transaction of its own. */
    <T> List<T> query(String sql, RowMapper<T> row, @Nullable Object... parameters) {
        return query("", sql, row, parameters);
    }

    /** Like {@link #query}, one after the other for this run on whichever node: each sees what the last one wrote. */
    <T> List<T> queryInTurn(RunId run, String sql, RowMapper<T> row, @Nullable Object... parameters) {
        long key = run.value().getLeastSignificantBits();
        return query("; select pg_advisory_xact_lock(" + key + ")", sql, row, parameters);
    }

    private <T> List<T> query(String before, String sql, RowMapper<T> row, @Nullable Object... parameters) {
        List<T> rows = new ArrayList<>();
        jdbc.execute((Connection connection) -> {
            connection.setAutoCommit(false);
            try (Statement plan = connection.createStatement();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                plan.execute("set local plan_cache_mode = force_custom_plan" + before);
                bind(statement, parameters);
                try (ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        rows.add(row.mapRow(result, rows.size()));
                    }
                }
                connection.commit();
                return rows;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        });
        return rows;
    }

    private static void bind(PreparedStatement statement, @Nullable Object[] parameters) throws SQLException {
        Connection connection = statement.getConnection();
        for (int i = 0; i < parameters.length; i++) {
            Object parameter = parameters[i];
            switch (parameter) {
                case String[] texts -> statement.setArray(i + 1, connection.createArrayOf("text", texts));
                case UUID[] ids -> statement.setArray(i + 1, connection.createArrayOf("uuid", ids));
                case null, default -> statement.setObject(i + 1, parameter);
            }
        }
    }
}
