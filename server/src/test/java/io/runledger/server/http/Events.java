package io.runledger.server.http;

import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Looks past the ledger into its table. */
final class Events {

    private final JdbcClient jdbc;

    Events(DataSource database) {
        this.jdbc = JdbcClient.create(database);
    }

    /** How many there are in the whole ledger. */
    long count() {
        return jdbc.sql("select count(*) from ledger.event").query(Long.class).single();
    }
}
