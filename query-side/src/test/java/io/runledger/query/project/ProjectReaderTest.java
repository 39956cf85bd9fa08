package io.runledger.query.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.query.TestDatabase;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class ProjectReaderTest {

    private static final int MORE_THAN_THE_DRIVER_WAITS_FOR = 20;

    private final ProjectReader reader = TestDatabase.reader();

    @BeforeEach
    void two_projects_with_the_same_things() {
        TestDatabase.clear();
        TestDatabase.jdbc().sql("""
                        truncate table ledger.work, ledger.definition, ledger.operation, ledger.run_log, ledger.log_line,
                            ledger.item_chunk, ledger.item_work, view.item""").update();
        for (String project : List.of("alpha", "beta")) {
            TestDatabase.jdbc().sql("""
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes, actor,
                            occurred_at, recorded_at, hash)
                        select gen_random_uuid(), :project, cast(md5(:project) as uuid), sequence, 'run.noted', 1, '{}', 2,
                            'key:k', now(), now(), decode(md5('') || md5(''), 'hex')
                        from generate_series(0, 2) as sequence;
                        insert into ledger.work (run_id, version, place, project, status, since, queue, target, priority,
                            awaited)
                        values (cast(md5(:project) as uuid), 1, 1, :project, 'queued', now(), 'q', 'task:t', 0, '{}');
                        insert into ledger.definition (project, target, version, stages, defaults, created_at, updated_at,
                            updated_by)
                        values (:project, 'task:t', 1, '{}', '{}', now(), now(), 'key:k');
                        insert into ledger.operation (id, project, command, filter, created_by, request_id, position, total)
                        values (gen_random_uuid(), :project, 'stop', '{}', 'key:k', 'r', 1, 1);
                        insert into ledger.run_log values (cast(md5(:project) as uuid), :project, 1);
                        insert into ledger.log_line values (cast(md5(:project) as uuid), 0, now(), 'info', :project);
                        insert into ledger.item_chunk values (cast(md5(:project) as uuid), 0, 0, 1);
                        insert into ledger.item_work (run_id, lease, attempt, items)
                        values (cast(md5(:project) as uuid), 1, 1, '{[0,1)}');
                        insert into ledger.checkpoint (project, position, events, runs, root, edge, recorded_at, key_id,
                            signature)
                        values (:project, 1, 1, 1, decode(md5('') || md5(''), 'hex'), '', now(), 'k', '')
                        on conflict do nothing;
                        insert into view.item values (cast(md5(:project) as uuid), 0, 'failed', 1);
                        insert into view.run (id, project, kind, target, mode, status, labels, attempt, max_attempts, priority,
                            queue, created_by, created_at, updated_at, version, position, first_position)
                        values (cast(md5(:project) as uuid), :project, 'task', 'task:t', 'async', 'queued', '{}', 0, 1, 0, 'q',
                            'key:k', now(), now(), 1, 1, 1);
                        insert into view.dead_letter (projection, generation, run_id, project, sequence, position,
                            last_sequence, cause)
                        values ('run', 1, cast(md5(:project) as uuid), :project, 1, 1, 1, 'none')""").param("project", project).update();
        }
    }

    /** Each view of of_project, and its table if it shows one. */
    static List<String> views() {
        return TestDatabase.jdbc().sql("""
                        select relname from pg_class where relnamespace = 'of_project'::regnamespace
                            and relname <> 'projection' order by relname""").query(String.class).list();
    }

    @ParameterizedTest
    @MethodSource("views")
    void a_statement_that_forgets_its_condition_leaks_nothing(String view) {
        String all = "select to_json(shown)::text from of_project." + view + " as shown";

        List<String> alpha = reader.list("alpha", Plan.KEPT, all, List.of(), (row, _) -> row.getString(1));
        List<String> beta = reader.list("beta", Plan.KEPT, all, List.of(), (row, _) -> row.getString(1));
        List<String> nobody = reader.list("gamma", Plan.KEPT, all, List.of(), (row, _) -> row.getString(1));

        assertThat(alpha).isNotEmpty().hasSameSizeAs(beta).doesNotContainAnyElementsOf(beta);
        assertThat(alpha).allMatch(row -> row.contains("alpha") || row.contains(idOf("alpha")));
        assertThat(beta).noneMatch(row -> row.contains("alpha") || row.contains(idOf("alpha")));
        assertThat(nobody).isEmpty();
    }

    private static String idOf(String project) {
        return TestDatabase.jdbc()
                .sql("select cast(md5(?) as uuid)::text")
                .param(project)
                .query(String.class)
                .single();
    }

    @Test
    void no_table_can_be_read_past_the_views() {
        List<String> tables = TestDatabase.jdbc().sql("""
                        select oid::regclass::text from pg_class
                        where relnamespace in ('ledger'::regnamespace, 'view'::regnamespace) and relkind in ('r', 'v', 'p')""").query(String.class).list();

        assertThat(tables).contains("ledger.event", "view.run", "view.run_1", "ledger.secret");
        for (String table : tables) {
            assertThatThrownBy(() -> reader.list(
                            "alpha", Plan.KEPT, "select 1 from " + table, List.of(), (row, _) -> row.getInt(1)))
                    .as(table)
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("permission denied");
        }
    }

    @Test
    void nothing_can_be_written() {
        for (String statement : List.of(
                "delete from of_project.run returning 1",
                "update of_project.work set queue = 'x' returning 1",
                "insert into of_project.item values (gen_random_uuid(), 0, 'failed', 1) returning 1")) {
            assertThatThrownBy(() -> reader.list("alpha", Plan.KEPT, statement, List.of(), (row, _) -> row.getInt(1)))
                    .as(statement)
                    .hasStackTraceContaining("permission denied");
        }
    }

    /** Every table that says whose its rows are has a view that shows only those, or is written by requests alone. */
    @Test
    void every_table_with_a_project_is_behind_the_wall() {
        List<String> tables = TestDatabase.jdbc().sql("""
                        select table_name from information_schema.columns
                        where table_schema in ('ledger', 'view') and column_name = 'project'
                            and table_name !~ '^run_([0-9]+|template)$' order by table_name""").query(String.class).list();

        // Whose log a run has, tasks' work and kept answers: the command side's own, no question is asked of them.
        tables.removeAll(List.of("run_log", "task_work", "idempotent_request"));
        assertThat(views()).containsAll(tables);
    }

    /** A migration that adds a column to a table has to show it, or to leave it out here on purpose. */
    @Test
    void the_views_show_every_column() {
        Map<String, List<String>> hidden = new TreeMap<>();
        TestDatabase.jdbc().sql("""
                        select table_name, column_name from information_schema.columns
                        where table_schema in ('ledger', 'view') and table_name in (
                            select relname from pg_class where relnamespace = 'of_project'::regnamespace)
                            and (table_name, column_name) not in (
                                select table_name, column_name from information_schema.columns
                                where table_schema = 'of_project')
                        order by 1, ordinal_position""").query(row -> {
            hidden.computeIfAbsent(row.getString(1), _ -> new ArrayList<>()).add(row.getString(2));
        });

        assertThat(hidden)
                .containsExactly(Map.entry(
                        "projection", List.of("schema_version", "previous", "previous_version", "previous_position")));
    }

    @Test
    void nothing_of_a_project_stays_with_the_connection() throws SQLException {
        try (Connection connection = TestDatabase.newConnection()) {
            DataSource one = new SingleConnectionDataSource(connection, true);
            ProjectReader onOne = new ProjectReader(one);
            JdbcTemplate jdbc = new JdbcTemplate(one);
            String user = jdbc.queryForObject("select current_user", String.class);

            assertThatThrownBy(() -> jdbc.queryForList("select * from of_project.run"))
                    .as("before anybody said whose rows")
                    .hasStackTraceContaining("runledger.project");
            assertThat(onOne.list("alpha", Plan.KEPT, "select 1 from of_project.run", List.of(), (row, _) -> 1))
                    .hasSize(1);
            assertThatThrownBy(() -> onOne.list("alpha", Plan.ANEW, "select 1 / 0", List.of(), (row, _) -> 1))
                    .isInstanceOf(DataAccessException.class);

            assertThat(jdbc.queryForList("select * from of_project.run")).isEmpty();
            assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo(user);
            assertThat(jdbc.queryForObject("show plan_cache_mode", String.class))
                    .isEqualTo("auto");
        }
    }

    @Test
    void within_a_transaction_too_each_statement_says_whose_rows_it_sees() throws SQLException {
        try (Connection connection = TestDatabase.newConnection()) {
            DataSource one = new SingleConnectionDataSource(connection, true);
            ProjectReader onOne = new ProjectReader(one);
            new TransactionTemplate(new JdbcTransactionManager(one)).executeWithoutResult(_ -> {
                for (String project : List.of("alpha", "beta", "alpha")) {
                    String sql = "select project from of_project.run";
                    assertThat(onOne.list(project, Plan.KEPT, sql, List.of(), (row, _) -> row.getString(1)))
                            .containsExactly(project);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Plan.class)
    void a_statement_that_comes_often_is_planned_as_it_should_be(Plan plan) throws SQLException {
        try (Connection connection = TestDatabase.newConnection()) {
            DataSource one = new SingleConnectionDataSource(connection, true);
            ProjectReader onOne = new ProjectReader(one);
            String sql = "select ? + 1 as " + plan.name().toLowerCase(Locale.ROOT);
            for (int i = 0; i < MORE_THAN_THE_DRIVER_WAITS_FOR; i++) {
                int value = i;
                assertThat(onOne.list("alpha", plan, sql, List.of(value), (row, _) -> row.getInt(1)))
                        .containsExactly(value + 1);
            }

            Map<String, Object> kept = new JdbcTemplate(one).queryForMap("""
                    select generic_plans, custom_plans from pg_prepared_statements
                    where statement like '%$1 + 1 as%'""");
            long generic = (long) kept.get("generic_plans");
            long custom = (long) kept.get("custom_plans");
            switch (plan) {
                case KEPT -> assertThat(generic).isPositive();
                case ANEW -> assertThat(generic).isZero();
                case IN_INDEX_ORDER -> assertThat(custom).isZero();
            }
            assertThat(generic + custom).isPositive();
        }
    }
}
