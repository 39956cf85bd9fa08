package io.runledger.query.run;

import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.PGStatement;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Has PostgreSQL plan each statement for the very values that it comes with. It would keep one plan for all values of a
 * statement that it sees often, and what is best for a frequent label or a short prefix is not for a rare one.
 */
final class PlannedAnew extends JdbcTemplate {

    PlannedAnew(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected void applyStatementSettings(Statement statement) throws SQLException {
        super.applyStatementSettings(statement);
        // Only a statement with a name can have a plan that is kept; the driver gives none to one that is never
        // prepared.
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    }
}
