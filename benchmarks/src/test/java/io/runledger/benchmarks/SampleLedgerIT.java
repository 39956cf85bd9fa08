package io.runledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.benchmarks.sample.SampleLedger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The made-up ledger is one that the real ledger could have written. */
class SampleLedgerIT {

    private static final int RUNS = 2_000;

    /** All that the projection knows: no event tells of parents yet. */
    private static final String ROWS = """
            select known.* from %s as run cross join lateral jsonb_populate_record(null::view.run,
                to_jsonb(run) || '{"parent_id": null, "root_id": null}') as known""";

    private static final String COUNTS = """
            select project, target, queue, stage, status, sum(n) from %s
            group by 1, 2, 3, 4, 5 having sum(n) <> 0""";

    @TempDir
    private Path folder;

    @Test
    void the_projection_makes_the_same_rows_of_its_events() throws Exception {
        try (Stage stage = new Stage(Settings.read("log=0"), folder, _ -> {})) {
            stage.ledger();
            stage.stopLedger();
            Database database = stage.database();
            new SampleLedger(database.owner(), _ -> {}, 1_770_000_000_000L).fill(RUNS);
            assertThat(database.number("select count(*) from view.run")).isEqualTo(RUNS);
            assertThat(database.number("select count(distinct status) from view.run"))
                    .isGreaterThanOrEqualTo(5);

            execute(database, "create table made_up as select * from view.run");
            execute(database, "create table made_up_count as select * from view.run_count");
            String failed = failed(database);
            execute(database, "delete from view.token_entry");
            execute(database, "truncate view.run_1");
            stage.ledger();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> database.number("select coalesce(max(position), 0) from view.run")
                            == database.number("select max(position) from ledger.event"));
            assertThat(stage.ledger().get("/v1/runs?as_of=position:1")).contains("\"data\":[");
            assertThat(stage.ledger().get("/v1/runs/" + failed + "/verify")).contains("\"valid\":true");
            assertThat(differences(database, ROWS, "view.run", "made_up")).isZero();
            assertThat(differences(database, COUNTS, "view.run_count", "made_up_count"))
                    .isZero();
        }
    }

    private static String failed(Database database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select id from view.run where project = 'default' and status = 'failed' limit 1")) {
            row.next();
            return row.getString(1);
        }
    }

    private static long differences(Database database, String form, String one, String other) throws SQLException {
        String left = form.formatted(one);
        String right = form.formatted(other);
        return database.number("select count(*) from ((%1$s except %2$s) union all (%2$s except %1$s)) as different"
                .formatted(left, right));
    }

    private static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
