package io.runledger.command.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One real PostgreSQL for all tests of this JVM; each test takes a database of its own, copied from a migrated one. */
public final class TestPostgres implements AutoCloseable {

    private static final String TEMPLATE = "ledger_template";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final EmbeddedPostgres SERVER = start();

    private final String database;
    private final HikariDataSource app;

    private TestPostgres(String database) {
        this.database = database;
        this.app = pool(8);
    }

    /** An empty ledger. */
    public static TestPostgres create() {
        String database = "ledger_" + DATABASES.incrementAndGet();
        // File by file: PostgreSQL's usual way, page by page through its log, takes twice as long.
        JdbcClient.create(SERVER.getPostgresDatabase())
                .sql("create database " + database + " template " + TEMPLATE + " strategy file_copy")
                .update();
        return new TestPostgres(database);
    }

    private static EmbeddedPostgres start() {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder().start();
            JdbcClient admin = JdbcClient.create(server.getPostgresDatabase());
            admin.sql("create role runledger_app login").update();
            admin.sql("create database " + TEMPLATE).update();
            LedgerSchema.migrate(server.getDatabase("postgres", TEMPLATE));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the application uses: a pool of connections of the role that may only read and append. */
    public DataSource app() {
        return app;
    }

    /** A further pool of the application's role, like that of another node. */
    public HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(SERVER.getDatabase("runledger_app", database));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    /** The owner of the tables, who is a superuser here. */
    public DataSource owner() {
        return SERVER.getDatabase("postgres", database);
    }

    public JdbcClient jdbc() {
        return JdbcClient.create(app);
    }

    @Override
    public void close() {
        app.close();
    }
}
