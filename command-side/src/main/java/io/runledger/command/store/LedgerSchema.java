package io.runledger.command.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables of the ledger, kept up to date by Flyway. */
public final class LedgerSchema {

    private LedgerSchema() {}

    /** Brings the schema {@code ledger} of this database to this version; the user must own it or may create it. */
    public static void migrate(DataSource owner) {
        Flyway.configure()
                .dataSource(owner)
                .schemas("ledger")
                .locations("classpath:io/runledger/command/store/migration")
                .load()
                .migrate();
    }
}
