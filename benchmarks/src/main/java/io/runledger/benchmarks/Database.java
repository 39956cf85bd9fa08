package io.runledger.benchmarks;

import io.runledger.server.postgres.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The PostgreSQL that both sides use: one as the ledger itself would bring along, or a given one. */
public final class Database implements AutoCloseable {

    private final PGSimpleDataSource dataSource = new PGSimpleDataSource();
    private final @Nullable LocalPostgres own;

    private Database(@Nullable LocalPostgres own) {
        this.own = own;
    }

    /** One with its data in this folder, from an earlier start or new; a new one writes so many megabytes of its log first. */
    static Database own(Path folder, int log) throws SQLException {
        if (Files.notExists(folder) && log > 0) {
            // It keeps what it wrote for use again when it stops.
            try (Database made = own(folder, 0);
                    Connection connection = made.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("select count(pg_logical_emit_message(false, '', repeat(' ', 1000000)))"
                        + " from generate_series(1, " + log + ")");
            }
        }
        LocalPostgres postgres = LocalPostgres.start(folder);
        Database database = new Database(postgres);
        database.dataSource.setUrl(postgres.jdbcUrl());
        database.dataSource.setUser(postgres.user());
        database.dataSource.setPassword(postgres.password());
        return database;
    }

    static Database given(String url) {
        Database database = new Database(null);
        database.dataSource.setUrl(url);
        return database;
    }

    /** Single connections with the rights of the tables' owner. */
    public DataSource owner() {
        return dataSource;
    }

    /** A connection as the ledger's own are, for the bare side. */
    public Connection connect() throws SQLException {
        return dataSource.getConnection();
    }

    /** The one number that this query answers with. */
    public long number(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The settings by which a ledger uses this database. */
    Map<String, String> environment() {
        return Map.of(
                "RUNLEDGER_DATABASE_URL", dataSource.getUrl(),
                "RUNLEDGER_DATABASE_USER", text(dataSource.getUser()),
                "RUNLEDGER_DATABASE_PASSWORD", text(dataSource.getPassword()));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
