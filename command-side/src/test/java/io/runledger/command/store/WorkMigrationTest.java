package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import java.time.Instant;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A ledger from before there was a table of work: its runs are found by workers, and its leases end. */
class WorkMigrationTest {

    @Test
    void the_runs_of_an_older_ledger_get_their_rows() {
        try (TestPostgres postgres = TestPostgres.create();
                PostgresEventStorageEngine engine = TestEvents.engine(postgres.app())) {
            RunId queued = TestEvents.newRun();
            RunId noted = TestEvents.newRun();
            RunId scheduled = TestEvents.newRun();
            RunId driven = TestEvents.newRun();
            RunId done = TestEvents.newRun();
            TestEvents.append(engine, queued, 0, TestEvents.created(queued, null), new RunQueued());
            TestEvents.append(
                    engine,
                    noted,
                    0,
                    TestEvents.created(noted, null),
                    new RunQueued(),
                    new RunStarted(1, "w", 60),
                    TestEvents.note("n", null),
                    new RunFinishing(null));
            TestEvents.append(
                    engine,
                    scheduled,
                    0,
                    TestEvents.created(scheduled, null),
                    new RunScheduled(Instant.parse("2999-01-01T00:00:00Z")));
            TestEvents.append(
                    engine,
                    driven,
                    0,
                    TestEvents.created(driven, null),
                    new RunQueued(),
                    new RunStarted(1, null, null));
            TestEvents.append(
                    engine,
                    done,
                    0,
                    TestEvents.created(done, null),
                    new RunQueued(),
                    new RunStarted(1, "w", 60),
                    new RunStopped(RunStatus.RUNNING, null));
            back(postgres);

            LedgerSchema.migrate(postgres.owner());

            assertThat(row(postgres, queued)).isEqualTo("queued 1 default task:x 0");
            assertThat(row(postgres, noted)).isEqualTo("running 2 default task:x 0 w 60 leased due");
            assertThat(row(postgres, scheduled)).isEqualTo("scheduled 1 default task:x 0 due");
            assertThat(postgres.jdbc()
                            .sql("select count(*) from ledger.work")
                            .query(Long.class)
                            .single())
                    .isEqualTo(3);
        }
    }

    /** As it was before. */
    private static void back(TestPostgres postgres) {
        JdbcClient owner = JdbcClient.create(postgres.owner());
        owner.sql("drop schema of_project cascade").update();
        owner.sql("drop table ledger.work, ledger.item_chunk, ledger.item_work, ledger.definition, ledger.run_log,"
                        + " ledger.log_line, ledger.operation, ledger.task_work, ledger.idempotent_request, ledger.checkpoint,"
                        + " ledger.notary")
                .update();
        owner.sql("drop sequence ledger.item_lease").update();
        int forgotten = owner.sql("delete from ledger.flyway_schema_history where version <> '1'")
                .update();
        assertThat(Flyway.configure()
                        .dataSource(postgres.owner())
                        .schemas("ledger")
                        .locations("classpath:io/runledger/command/store/migration")
                        .load()
                        .info()
                        .pending())
                .hasSize(forgotten);
    }

    private static String row(TestPostgres postgres, RunId run) {
        return postgres.jdbc().sql("""
                        select concat_ws(' ', status, version, queue, target, priority, worker, lease_seconds,
                            case when lease_expires_at > now() + interval '50 seconds' then 'leased' end,
                            case when due_at > now() then 'due' end)
                        from ledger.work where run_id = ?""").param(run.value()).query(String.class).single();
    }
}
