package io.runledger.server.postgres;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL as an operator of a ledger runs it, its log archived as docs/backup.md says: its backups can be taken, it can
 * be lost, and it can be restored. Its folder holds the cluster, and the archive of whatever cluster began there.
 */
public final class ArchivedPostgres implements AutoCloseable {

    public static final String USER = "runledger";

    private static final String ADMINISTRATOR = "postgres";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Set<Path> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // A build that is broken off must not leave servers behind.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(cluster -> new ServerProcesses(cluster).stop())));
    }

    private final PostgresKit kit;
    private final Path folder;
    private final int port;
    private final Process process;
    private @Nullable Process receiver;

    private ArchivedPostgres(PostgresKit kit, Path folder) throws IOException {
        this.kit = kit;
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0)) {
            this.port = free.getLocalPort();
        }
        this.process = launch();
    }

    private static Path cluster(Path folder) {
        return folder.resolve("cluster");
    }

    private static Path archive(Path folder) {
        return folder.resolve("archive");
    }

    /** A new one, empty, in a folder that is not there yet. */
    public static ArchivedPostgres create(PostgresKit kit, Path folder) throws IOException, SQLException {
        Files.createDirectories(archive(folder));
        List<String> how = List.of(
                "--pgdata=" + cluster(folder),
                "--username=" + ADMINISTRATOR,
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
                "--auth=trust");
        kit.server().run("initdb", how, "");
        configure(
                folder,
                "shared_buffers = 256MB",
                "max_wal_size = 2GB",
                "archive_mode = on",
                "archive_command = 'cp \"%%p\" \"%1$s/%%f.part\" && mv \"%1$s/%%f.part\" \"%1$s/%%f\"'"
                        .formatted(archive(folder)));
        ArchivedPostgres postgres = new ArchivedPostgres(kit, folder);
        postgres.administer("create role " + USER + " login createrole", "create database ledger owner " + USER);
        return postgres;
    }

    /**
     * Another one, from a base backup and an archive; returns when it has been through the log.
     *
     * @param until a line of recovery settings that says where to end; without one it goes to the end of the log
     */
    public static ArchivedPostgres restore(PostgresKit kit, Path backup, Path archive, Path folder, String... until)
            throws IOException {
        Files.createDirectories(folder);
        BackupByHand.copy(backup, cluster(folder));
        Files.createFile(cluster(folder).resolve("recovery.signal"));
        List<String> settings = new ArrayList<>(List.of(until));
        settings.add("archive_mode = off");
        settings.add("synchronous_standby_names = ''");
        // What a receiver was still at has an ending of its own.
        settings.add(
                "restore_command = 'cp \"%1$s/%%f\" \"%%p\" || cp \"%1$s/%%f.partial\" \"%%p\"'".formatted(archive));
        settings.add("recovery_target_action = promote");
        configure(folder, settings.toArray(String[]::new));
        return new ArchivedPostgres(kit, folder);
    }

    /** Where the last word counts, also over what "alter system" said. */
    private static void configure(Path folder, String... settings) throws IOException {
        Files.write(cluster(folder).resolve("postgresql.auto.conf"), List.of(settings), StandardOpenOption.APPEND);
    }

    private Process launch() throws IOException {
        List<String> how = List.of(
                "-D",
                cluster(folder).toString(),
                "-c",
                "port=" + port,
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=");
        ProcessBuilder builder = new ProcessBuilder(kit.server().command("postgres", how))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        PostgresPrograms.cleanEnvironment(builder);
        RUNNING.add(cluster(folder));
        Process started = builder.start();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .failFast("it ended, see " + folder.resolve("log"), () -> !started.isAlive())
                .until(this::isOpen);
        return started;
    }

    /** Whether it takes commands; one that goes through its log only answers questions, if that. */
    private boolean isOpen() {
        try {
            return isTrue("select not pg_is_in_recovery()");
        } catch (SQLException _) {
            return false;
        }
    }

    private boolean isTrue(String question) throws SQLException {
        try (Connection connection = administrator();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Of the ledger's database. */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:%d/ledger".formatted(port);
    }

    /** As the owner of the ledger's tables. */
    public PGSimpleDataSource owner() {
        PGSimpleDataSource owner = new PGSimpleDataSource();
        owner.setUrl(jdbcUrl());
        owner.setUser(USER);
        return owner;
    }

    private Connection administrator() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port), ADMINISTRATOR, "");
    }

    public void administer(String... statements) throws SQLException {
        try (Connection connection = administrator();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    /** Takes a base backup while it runs; says with what. */
    public String backUp(Path backup) throws IOException, SQLException {
        PostgresPrograms clients = kit.clients();
        if (clients == null) {
            try (Connection session = administrator()) {
                BackupByHand.take(session, cluster(folder), backup);
            }
        } else {
            List<String> how = List.of("-D", backup.toString(), "-X", "stream", "-c", "fast");
            clients.run("pg_basebackup", as(ADMINISTRATOR, how), "");
        }
        return kit.backupProgram();
    }

    /** Has its log received elsewhere as it is written: from now on a commit waits until it is there, too. */
    public void receiveLog(Path elsewhere) throws IOException, SQLException {
        Files.createDirectories(elsewhere);
        administer("select pg_create_physical_replication_slot('elsewhere')");
        List<String> how = List.of("-D", elsewhere.toString(), "-S", "elsewhere", "--synchronous");
        ProcessBuilder builder = new ProcessBuilder(kit.forBackups().command("pg_receivewal", as(ADMINISTRATOR, how)))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("receiver").toFile());
        PostgresPrograms.cleanEnvironment(builder);
        receiver = builder.start();
        administer("alter system set synchronous_standby_names = 'pg_receivewal'", "select pg_reload_conf()");
        await().atMost(PATIENCE)
                .until(() -> isTrue("select count(*) = 1 from pg_stat_replication where sync_state = 'sync'"));
    }

    /** Dumps the ledger's database into a file, as the owner of its tables. */
    public void dump(Path file) throws IOException {
        kit.forBackups()
                .run(
                        "pg_dump",
                        as(USER, List.of("-Fc", "--no-toast-compression", "-f", file.toString(), "ledger")),
                        "");
    }

    /** Fills the ledger's database, which must be empty, from a dump; with the programs that it was made with. */
    public void restoreDump(PostgresKit from, Path file) throws IOException {
        from.forBackups()
                .run(
                        "pg_restore",
                        as(USER, List.of("-d", "ledger", "--no-owner", "--exit-on-error", file.toString())),
                        "");
    }

    private List<String> as(String user, List<String> arguments) {
        return Stream.concat(Stream.of("-h", "127.0.0.1", "-p", Integer.toString(port), "-U", user), arguments.stream())
                .toList();
    }

    /** Ends it as a crash does, and saves the end of its log, which is in no archive yet. Gives back the archive. */
    public Path crash() throws IOException {
        end();
        try (Stream<Path> segments = Files.list(cluster(folder).resolve("pg_wal"))) {
            for (Path segment : segments.filter(
                            file -> file.getFileName().toString().matches("[0-9A-F]{24}"))
                    .toList()) {
                Path kept = archive(folder).resolve(segment.getFileName());
                if (Files.notExists(kept)) {
                    Files.copy(segment, kept, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return archive(folder);
    }

    /** Ends it as a crash does, and nothing is left of its disk, nor of the archive. */
    public void burn() throws IOException {
        end();
        PrivateFiles.deleteTree(folder);
    }

    private void end() throws IOException {
        kit.server()
                .run(
                        "pg_ctl",
                        List.of("stop", "-m", "immediate", "-D", cluster(folder).toString()),
                        "");
        process.onExit().join();
        endReceiver();
    }

    private void endReceiver() {
        if (receiver != null) {
            receiver.destroy();
            receiver.onExit().join();
            receiver = null;
        }
    }

    /** The bytes of the ledger's database. */
    public long size() throws SQLException {
        try (Connection connection = administrator();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_database_size('ledger')")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            new ServerProcesses(cluster(folder)).stop();
        }
        endReceiver();
        RUNNING.remove(cluster(folder));
    }
}
