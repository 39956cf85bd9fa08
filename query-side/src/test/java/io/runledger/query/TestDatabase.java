package io.runledger.query;

import io.runledger.query.projection.ViewSchema;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A real PostgreSQL with the tables of both sides, started once for all tests. */
public final class TestDatabase {

    // The ledger's tables belong to the command side, which this module must not depend on; its text can be read.
    private static final Path LEDGER =
            Path.of("../command-side/src/main/resources/io/runledger/command/store/migration");

    private static final DataSource DATA_SOURCE = start();
    private static final JdbcClient JDBC = onOneConnection();

    private TestDatabase() {}

    /** A data source without a pool. */
    public static DataSource dataSource() {
        return DATA_SOURCE;
    }

    /** Statements on one connection that stays open. */
    public static JdbcClient jdbc() {
        return JDBC;
    }

    /** Empties views and ledger. */
    public static void clear() {
        jdbc().sql("""
                        truncate table view.run, view.token_entry, view.run_count;
                        alter table ledger.event disable trigger event_is_immutable;
                        truncate table ledger.event restart identity;
                        alter table ledger.event enable trigger event_is_immutable""").update();
    }

    private static JdbcClient onOneConnection() {
        try {
            return JdbcClient.create(new SingleConnectionDataSource(DATA_SOURCE.getConnection(), true));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DataSource start() {
        try {
            DataSource dataSource = EmbeddedPostgres.builder().start().getPostgresDatabase();
            JdbcClient jdbc = JdbcClient.create(dataSource);
            jdbc.sql("create schema ledger").update();
            for (String version : List.of("V1__ledger.sql", "V2__work.sql", "V5__items.sql")) {
                jdbc.sql(Files.readString(LEDGER.resolve(version))).update();
            }
            ViewSchema.migrate(dataSource);
            return dataSource;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
