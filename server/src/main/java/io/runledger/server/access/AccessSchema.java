package io.runledger.server.access;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables of projects and keys, kept up to date by Flyway. */
public final class AccessSchema {

    private AccessSchema() {}

    /** Brings the schema {@code access} of this database to this version. */
    public static void migrate(DataSource owner) {
        Flyway.configure()
                .dataSource(owner)
                .schemas("access")
                .locations("classpath:io/runledger/server/access/migration")
                .load()
                .migrate();
    }
}
