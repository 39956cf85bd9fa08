package io.runledger.query;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.ViewSchema;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.api.MigrationVersion;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A real PostgreSQL with the tables of both sides, started once for all tests. */
public final class TestDatabase {

    // The ledger's tables belong to the command side, which this module must not depend on; its text can be read.
    private static final Path LEDGER =
            Path.of("../command-side/src/main/resources/io/runledger/command/store/migration");

    private static final EmbeddedPostgres POSTGRES = start();
    private static final DataSource NEW_CONNECTIONS =
            withTables(POSTGRES.getPostgresDatabase(), MigrationVersion.LATEST);
    private static final DataSource POOL = pool();
    private static final JdbcClient JDBC = JdbcClient.create(POOL);
    private static final ProjectReader READER = new ProjectReader(POOL);

    private TestDatabase() {}

    /** A pool, as the ledger has one: to open a connection takes longer than all that most tests ask of it. */
    public static DataSource dataSource() {
        return POOL;
    }

    /** A connection of one's own, for those who listen on it, or leave it otherwise than they found it. */
    public static Connection newConnection() throws SQLException {
        return NEW_CONNECTIONS.getConnection();
    }

    /** Statements on the pool. */
    public static JdbcClient jdbc() {
        return JDBC;
    }

    /** What is shown to callers, read on the pool. */
    public static ProjectReader reader() {
        return READER;
    }

    /** Another database, empty, with views as they were at an earlier version of their tables. */
    public static DataSource withViewsOf(String version) {
        String name = "views_of_" + version;
        JDBC.sql("create database " + name).update();
        return withTables(POSTGRES.getDatabase("postgres", name), MigrationVersion.fromVersion(version));
    }

    /** Empties views and ledger. */
    public static void clear() {
        jdbc().sql("""
                        do $$ declare
                            serving integer := (select generation from view.projection where name = 'run');
                            extra regclass;
                        begin
                            for extra in select oid from pg_class where relnamespace = 'view'::regnamespace
                                and relkind = 'r' and relname ~ '^run_[0-9]+$' and relname <> 'run_' || serving
                            loop
                                execute format('drop table %s', extra);
                            end loop;
                            if serving <> 1 then
                                execute format('alter table view.run_%s rename to run_1', serving);
                                drop trigger count_added on view.run_1;
                                drop trigger count_changed on view.run_1;
                                drop trigger count_gone on view.run_1;
                                drop trigger count_none on view.run_1;
                                call view.attach_counts('view.run_1', 'run_1');
                            end if;
                        end $$;
                        update view.projection set generation = 1, schema_version = 1, previous = null,
                            previous_version = null, previous_position = null;
                        truncate table view.run_1, view.token_entry, view.dead_letter, view.rebuild, view.run_count;
                        alter table ledger.event disable trigger event_is_immutable;
                        truncate table ledger.event restart identity;
                        alter table ledger.event enable trigger event_is_immutable""").update();
    }

    private static DataSource pool() {
        HikariConfig pool = new HikariConfig();
        pool.setDataSource(NEW_CONNECTIONS);
        pool.setMinimumIdle(0);
        return new HikariDataSource(pool);
    }

    private static List<Path> migrations() throws IOException {
        try (Stream<Path> files = Files.list(LEDGER)) {
            // The others, like afterMigrate.sql, are for ledgers that come from elsewhere.
            return files.filter(file -> file.getFileName().toString().startsWith("V"))
                    .sorted(Comparator.comparing(TestDatabase::version))
                    .toList();
        }
    }

    /** As V6_1__logs.sql is 6.1. */
    private static BigDecimal version(Path migration) {
        String name = migration.getFileName().toString();
        return new BigDecimal(name.substring(1, name.indexOf("__")).replace('_', '.'));
    }

    private static EmbeddedPostgres start() {
        try {
            EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
            JdbcClient.create(postgres.getPostgresDatabase())
                    .sql("create role " + ProjectReader.ROLE)
                    .update();
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DataSource withTables(DataSource dataSource, MigrationVersion views) {
        try {
            JdbcClient jdbc = JdbcClient.create(dataSource);
            jdbc.sql("create schema ledger").update();
            for (Path migration : migrations()) {
                jdbc.sql(Files.readString(migration)).update();
            }
            ViewSchema.migrate(dataSource, views);
            return dataSource;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
