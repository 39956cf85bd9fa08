package io.runledger.query.projection;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables of the views, kept up to date by Flyway. */
public final class ViewSchema {

    private ViewSchema() {}

    /** Brings the schema {@code view} of this database to this version; the user must own it or may create it. */
    public static void migrate(DataSource owner) {
        Flyway.configure()
                .dataSource(owner)
                .schemas("view")
                .locations("classpath:io/runledger/query/projection/migration")
                .load()
                .migrate();
    }
}
