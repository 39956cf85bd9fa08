package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class PlannedAnewTest {

    private static final int MORE_THAN_THE_DRIVER_WAITS_FOR = 20;

    @Test
    void a_statement_that_comes_often_gets_no_plan_that_is_kept() throws SQLException {
        try (Connection connection = TestDatabase.dataSource().getConnection()) {
            SingleConnectionDataSource one = new SingleConnectionDataSource(connection, true);
            JdbcTemplate usual = new JdbcTemplate(one);
            JdbcTemplate anew = new PlannedAnew(one);
            for (int i = 0; i < MORE_THAN_THE_DRIVER_WAITS_FOR; i++) {
                usual.queryForList("select ? + 1 as usual", i);
                anew.queryForList("select ? + 1 as anew", i);
            }
            assertThat(kept(usual, "usual")).isEqualTo(1);
            assertThat(kept(usual, "anew")).isZero();
        }
    }

    private static long kept(JdbcTemplate jdbc, String name) {
        String sql = "select count(*) from pg_prepared_statements where statement like 'select $1 + 1 as " + name + "'";
        return jdbc.query(sql, (row, _) -> row.getLong(1)).getFirst();
    }
}
