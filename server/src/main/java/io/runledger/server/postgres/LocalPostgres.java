package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL of the server's own in a data directory: durable, for this server alone, and gone when the server is;
 * it must never lose what it confirmed and never delete a data directory.
 */
public final class LocalPostgres implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalPostgres.class);

    private final DataDirectoryLock lock;
    private final PostgresSupervisor supervisor;
    private final Login login;

    private LocalPostgres(DataDirectoryLock lock, PostgresSupervisor supervisor, Login login) {
        this.lock = lock;
        this.supervisor = supervisor;
        this.login = login;
    }

    /** Returns when connections are accepted; makes the data directory if there is none. */
    public static LocalPostgres start(Path dataDirectory) {
        var directory = DataDirectory.open(dataDirectory);
        return start(directory, PostgresPrograms.usualParent(directory));
    }

    /** The same, with the PostgreSQL programs unpacked somewhere else than among the user's caches. */
    public static LocalPostgres start(Path dataDirectory, Path programs) {
        return start(DataDirectory.open(dataDirectory), programs);
    }

    private static LocalPostgres start(DataDirectory directory, Path programs) {
        var lock = DataDirectoryLock.acquire(directory);
        try {
            return start(directory, PostgresPrograms.unpackedIn(programs), lock);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static LocalPostgres start(DataDirectory directory, PostgresPrograms programs, DataDirectoryLock lock) {
        var cluster = new Cluster(directory, programs);
        var password = prepare(cluster);
        var supervisor = PostgresSupervisor.start(cluster, new Port(directory.portFile()));
        try {
            var login = Login.on(supervisor.port(), password);
            var version = verify(login, directory);
            log.info(
                    "PostgreSQL {} of this ledger: port {}, data in {}, log in {}",
                    version,
                    supervisor.port(),
                    directory.cluster(),
                    directory.log());
            return new LocalPostgres(lock, supervisor, login);
        } catch (RuntimeException | Error e) {
            supervisor.close();
            throw e;
        }
    }

    private static String prepare(Cluster cluster) {
        try {
            return cluster.prepare();
        } catch (IOException e) {
            throw new LocalPostgresFailure(
                    "Cannot prepare PostgreSQL in %s (%s). %s"
                            .formatted(cluster.directory().root(), e, Remedy.adviceFor(String.valueOf(e))),
                    e);
        }
    }

    private static String verify(Login login, DataDirectory directory) {
        try (var connection = login.connect()) {
            Durability.verify(connection);
            return connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            var state = String.valueOf(e.getSQLState());
            var advice = state.startsWith("28")
                    ? "Delete %s; the next start sets a new password.".formatted(directory.passwordFile())
                    : "Read " + directory.log() + ".";
            throw new LocalPostgresFailure("PostgreSQL runs but lets nobody in (%s). %s".formatted(e, advice), e);
        }
    }

    /** Where to connect; parameters may be added with {@code &}. */
    public String jdbcUrl() {
        return login.jdbcUrl();
    }

    /** The owner of the ledger's database, who is no superuser. */
    public String user() {
        return login.user();
    }

    public String password() {
        return login.password();
    }

    /** For tests that end it the hard way. */
    Postmaster postmaster() {
        return supervisor.postmaster();
    }

    /** Ends all connections and returns when everything is written and every process is gone. */
    @Override
    public void close() {
        try {
            supervisor.close();
        } finally {
            lock.close();
        }
    }
}
