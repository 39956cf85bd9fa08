package io.runledger.server.http;

import io.runledger.server.postgres.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Gives a context an empty PostgreSQL, started once for all tests and gone with them. */
public final class SharedPostgres implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    static final Path PROGRAMS = Path.of("target", "postgres-programs");

    private static final Path FOLDER = freshFolder();
    private static final LocalPostgres POSTGRES = start(FOLDER);

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "shared postgres",
                        Map.of(
                                "runledger.database.url", POSTGRES.jdbcUrl(),
                                "runledger.database.user", POSTGRES.user(),
                                "runledger.database.password", POSTGRES.password())));
    }

    /** It ends with this process, so nobody need close it. */
    static LocalPostgres start(Path folder) {
        return LocalPostgres.start(folder, PROGRAMS);
    }

    /** Connections that may do what the ledger itself may not. */
    static JdbcClient owner() {
        return JdbcClient.create(ownersConnections());
    }

    public static DataSource ownersConnections() {
        return new DriverManagerDataSource(POSTGRES.jdbcUrl(), POSTGRES.user(), POSTGRES.password());
    }

    /** What PostgreSQL itself has logged. */
    static Path log() {
        return FOLDER.resolve("postgres.log");
    }

    /** A connection that stays open until it is closed. */
    static Connection newConnection() throws SQLException {
        return DriverManager.getConnection(POSTGRES.jdbcUrl(), POSTGRES.user(), POSTGRES.password());
    }

    static Path freshFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "http-tests")), "ledger");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
