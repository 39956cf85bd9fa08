package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One column with a larger target would make ANALYZE read ten times as many rows of its table again (ADR 11). */
class StatisticsTest {

    @Test
    void all_columns_that_appends_fill_are_judged_by_a_small_sample() {
        try (TestPostgres postgres = TestPostgres.create()) {
            assertThat(postgres.jdbc()
                            .sql("select distinct attrelid::regclass || ' ' || attstattarget from pg_attribute where"
                                    + " attrelid in ('ledger.event'::regclass, 'ledger.work'::regclass)"
                                    + " and attnum > 0 and not attisdropped")
                            .query(String.class)
                            .list())
                    .containsExactlyInAnyOrder("ledger.event 10", "ledger.work 10");
        }
    }
}
