package io.runledger.query.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * Has PostgreSQL read rows in the order of an index, whatever the values, and keep that plan: planning such a statement
 * takes several times as long as carrying it out. A plan that was kept from when the table was small would read and sort
 * all of it, so the other ways are closed while it plans.
 */
final class InIndexOrder {

    // A statement that is sent together with the other; both are one transaction, with whose end the settings go.
    private static final String SETTINGS = """
            select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
                set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
            """;

    private final JdbcTemplate jdbc;

    InIndexOrder(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /** Gives every row of the answer to the handler. */
    void query(String sql, List<Object> values, RowCallbackHandler handler) {
        jdbc.execute((Connection connection) -> {
            try (PreparedStatement statement = connection.prepareStatement(SETTINGS + sql)) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                statement.execute();
                statement.getMoreResults();
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        handler.processRow(rows);
                    }
                }
                return values;
            }
        });
    }
}
