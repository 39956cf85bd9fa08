package io.runledger.query.projection;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;

/** The tables of the views, kept up to date by Flyway. */
public final class ViewSchema {

    private ViewSchema() {}

    /** Brings the schema {@code view} of this database to this version; the user must own it or may create it. */
    public static void migrate(DataSource owner) {
        migrate(owner, MigrationVersion.LATEST);
    }

    /** As {@link #migrate(DataSource)}, to an earlier version, as a ledger of earlier code has it. */
    public static void migrate(DataSource owner, MigrationVersion version) {
        Flyway.configure()
                .dataSource(owner)
                .schemas("view")
                .locations("classpath:io/runledger/query/projection/migration")
                .target(version)
                .load()
                .migrate();
    }
}
