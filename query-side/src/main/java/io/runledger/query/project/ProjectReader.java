package io.runledger.query.project;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SqlTypeValue;
import org.springframework.jdbc.core.StatementCreatorUtils;

/**
 * Asks the views of the schema {@code of_project}, which show the rows of one project whatever the statement asks for, in
 * a role that may read nothing else. A statement that forgets its own condition still leaks nothing.
 */
public final class ProjectReader {

    /** Who may read the views of one project and no table; without it the views alone are the wall. */
    public static final String ROLE = "runledger_reader";

    // Sent together with the statement, so it costs no round trip; both are one transaction, with whose end the
    // settings
    // go: nothing of a project stays with the connection.
    private static final String SETTINGS =
            "select set_config('runledger.project', ?, true), set_config('role', ?, true)";

    private static final int FIRST_VALUE = 3;

    /** How PostgreSQL finds its way to the rows. */
    public enum Plan {

        /** A plan that is kept once a statement has come often. */
        KEPT(""),

        /**
         * A plan for the very values, each time: what is best for a frequent label or a short prefix is not for a rare
         * one.
         */
        ANEW(", set_config('plan_cache_mode', 'force_custom_plan', true)"),

        /**
         * In the order of an index, whatever the values, by a plan that is kept: planning such a statement takes several
         * times as long as carrying it out. A plan that was kept from when the table was small would read and sort all of
         * it, so the other ways are closed while it plans.
         */
        IN_INDEX_ORDER("""
                , set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
                set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)""");

        private final String prefix;

        Plan(String settings) {
            this.prefix = SETTINGS + settings + "; ";
        }
    }

    private final JdbcTemplate jdbc;
    private final String role;

    /** A reader for all of a node; asks the database at once which role it may take. */
    public ProjectReader(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.role = roleOf(jdbc);
    }

    private static String roleOf(JdbcTemplate jdbc) {
        String sql = """
                select coalesce((select rolname from pg_roles
                    where rolname = ? and pg_has_role(session_user, oid, 'member')), current_user)""";
        List<String> roles = jdbc.query(sql, (row, _) -> row.getString(1), ROLE);
        return roles.getFirst();
    }

    /**
     * The rows that a project may see.
     *
     * @param sql a statement on views of {@code of_project}
     * @throws DataAccessException when it asks for anything else, or the database is away
     */
    public <T> List<T> list(String project, Plan plan, String sql, List<?> values, RowMapper<T> mapper) {
        List<T> found = new ArrayList<>();
        each(project, plan, sql, values, row -> found.add(mapper.mapRow(row, found.size())));
        return found;
    }

    /** As {@link #list}, of the one row that there is at most; null without one. */
    public <T> @Nullable T first(String project, String sql, List<?> values, RowMapper<T> mapper) {
        List<T> found = list(project, Plan.KEPT, sql, values, mapper);
        return found.isEmpty() ? null : found.getFirst();
    }

    /** As {@link #list}, one row after the other. */
    public void each(String project, Plan plan, String sql, List<?> values, RowCallbackHandler handler) {
        jdbc.execute((Connection connection) -> {
            try (PreparedStatement statement = connection.prepareStatement(plan.prefix + sql)) {
                statement.setString(1, project);
                statement.setString(2, role);
                for (int i = 0; i < values.size(); i++) {
                    StatementCreatorUtils.setParameterValue(
                            statement, i + FIRST_VALUE, SqlTypeValue.TYPE_UNKNOWN, values.get(i));
                }
                statement.execute();
                handle(statement, handler);
            }
            return values;
        });
    }

    private static void handle(PreparedStatement statement, RowCallbackHandler handler) throws SQLException {
        statement.getMoreResults();
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                handler.processRow(rows);
            }
        }
    }
}
