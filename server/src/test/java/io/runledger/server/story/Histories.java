package io.runledger.server.story;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Histories of runs that were not lived through: written straight into the ledger, for tests that need many. */
public final class Histories {

    private static final int BATCH = 12_500;

    private Histories() {}

    /** Writes so many runs with four events each: created, queued, started by a worker, succeeded; interleaved. */
    public static void fill(DataSource database, int runs) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = 0");
            for (int first = 0; first < runs; first += BATCH) {
                statement.execute("""
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, occurred_at, recorded_at, hash)
                        select gen_random_uuid(), 'default', run_id, sequence, type, 1, payload::json,
                            octet_length(payload), 'filler', at, at, sha256(run_id::text::bytea)
                        from (
                            select n, cast(lpad(to_hex(1760000000000 + n), 12, '0') || '7000800000000000' || lpad(to_hex(n), 4, '0') as uuid) as run_id,
                                timestamptz '2026-01-01' + n * interval '1 second' as at
                            from generate_series(%d, %d) as n
                        ) as run, lateral (values
                            (0, 'run.created', format('{"run_id":"%%s","project":"default","target":"task:job-%%s","mode":"async","name":"run %%s","input":{"order":%%s,"lines":[1,2,3]},"labels":{"team":"t%%s","region":"eu"},"queue":"default","priority":0,"max_attempts":1}', run_id, n %% 20, n, n, n %% 10)),
                            (1, 'run.queued', '{}'),
                            (2, 'run.started', format('{"attempt":1,"worker":"worker-%%s","lease_seconds":30}', n %% 50)),
                            (3, 'run.succeeded', format('{"output":{"total":%%s},"exit_code":0}', n))
                        ) as event (sequence, type, payload)
                        order by n / 50, sequence, n""".formatted(first, Math.min(first + BATCH, runs) - 1));
            }
        }
    }
}
