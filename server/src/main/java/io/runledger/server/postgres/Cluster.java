package io.runledger.server.postgres;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** The files of the database: made once and completely, checked at every start, never deleted. */
record Cluster(DataDirectory directory, PostgresPrograms programs) {

    private static final String DRAFT_PREFIX = "postgres.new-";

    /** Defaults for a small machine; they go to postgresql.conf, where an operator may change them. */
    private static final List<String> TUNING = List.of(
            "shared_buffers=" + sharedBuffers(physicalMemory()) + "MB",
            // A checkpoint comes after about half of it, and each makes the first change of every page log the whole
            // page.
            "max_wal_size=4GB",
            "random_page_cost=1.1",
            "jit=off",
            "max_connections=100",
            // What is handed out leaves dead entries at the head of a queue, which each claim goes through until they
            // are gone.
            "autovacuum_naptime=10s",
            "log_line_prefix=%m [%p] ",
            "timezone=UTC",
            "log_timezone=UTC");

    private static final String ACCESS = """
            # Written by Runledger at every start: nobody gets in without the password.
            host all all 127.0.0.1/32 scram-sha-256
            """;

    /**
     * An eighth of the memory, in megabytes, 128 at least and 4,096 at most: half of what PostgreSQL's manual begins with on
     * a machine of its own, for here a ledger lives beside it.
     */
    static long sharedBuffers(long memoryBytes) {
        return Math.clamp(memoryBytes / 8 >> 20, 128, 4_096);
    }

    private static long physicalMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /** Leaves a complete cluster that only the ledger's own role can enter, and hands back that role's password. */
    String prepare() throws IOException {
        new ServerProcesses(directory.cluster()).clear();
        if (!isThere()) {
            create();
        }
        checkVersion();
        Files.writeString(directory.cluster().resolve("pg_hba.conf"), ACCESS);
        return password();
    }

    private boolean isThere() throws IOException {
        var cluster = directory.cluster();
        if (Files.exists(cluster.resolve("PG_VERSION"))) {
            return true;
        }
        if (Files.exists(cluster) && !isEmpty(cluster)) {
            throw new LocalPostgresFailure(
                    "%s is not a complete PostgreSQL data directory (no PG_VERSION) and will not be touched. "
                                    .formatted(cluster)
                            + "Restore it from a backup, or move it away to start with an empty ledger.");
        }
        return false;
    }

    /** Under another name until it is complete: a start that is killed half-way leaves nothing to stumble over. */
    private void create() throws IOException {
        deleteDrafts();
        var draft =
                directory.root().resolve(DRAFT_PREFIX + ProcessHandle.current().pid() + "-" + System.nanoTime());
        var arguments = Stream.concat(
                Stream.of(
                        "--pgdata=" + draft,
                        "--username=postgres",
                        "--encoding=UTF8",
                        // PostgreSQL's own C.UTF-8: the order of texts does not change with the C library.
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C",
                        "--data-checksums",
                        "--auth=reject"),
                TUNING.stream().flatMap(setting -> Stream.of("-c", setting)));
        programs.run("initdb", arguments.toList(), "");
        var password = Files.exists(directory.passwordFile()) ? readPassword() : writePassword(randomPassword());
        execute(
                draft,
                "create role %s login createrole password '%s'".formatted(Login.ROLE, password),
                "grant pg_monitor to " + Login.ROLE,
                "create database %s owner %s".formatted(Login.DATABASE, Login.ROLE));
        PrivateFiles.moveDurably(draft, directory.cluster());
    }

    /** Best effort: an initdb that outlived its server may still write there, and fails when its files vanish. */
    private void deleteDrafts() throws IOException {
        try (var drafts = Files.newDirectoryStream(directory.root(), DRAFT_PREFIX + "*")) {
            for (var draft : drafts) {
                try {
                    PrivateFiles.deleteTree(draft);
                } catch (IOException _) {
                    // The next new cluster tries again; this one has a name of its own.
                }
            }
        }
    }

    private void checkVersion() throws IOException {
        var found = Files.readString(directory.cluster().resolve("PG_VERSION")).strip();
        var ours = programs.majorVersion();
        if (!found.equals(ours)) {
            throw new LocalPostgresFailure("%s was written by PostgreSQL %s and this server brings PostgreSQL %s. "
                            .formatted(directory.cluster(), found, ours)
                    + "Start the earlier Runledger, dump the database with pg_dump, and restore it into a new "
                    + "data directory.");
        }
    }

    /** Whoever may write here owns the data, so a lost password file is replaced by a new password. */
    private String password() throws IOException {
        if (Files.exists(directory.passwordFile())) {
            return readPassword();
        }
        var password = randomPassword();
        execute(directory.cluster(), "alter role %s login password '%s'".formatted(Login.ROLE, password));
        return writePassword(password);
    }

    private String readPassword() throws IOException {
        var password = Files.readString(directory.passwordFile()).strip();
        if (!password.matches("[A-Za-z0-9_-]{20,}")) {
            throw new LocalPostgresFailure(
                    "%s holds no password of ours. Delete that file; the next start sets a new one."
                            .formatted(directory.passwordFile()));
        }
        return password;
    }

    private String writePassword(String password) throws IOException {
        PrivateFiles.write(directory.passwordFile(), password + "\n");
        return password;
    }

    /** PostgreSQL's single-user mode needs no password and no port; it reads one statement a line. */
    private void execute(Path cluster, String... statements) throws IOException {
        programs.run(
                "postgres",
                List.of(
                        "--single",
                        "-D",
                        cluster.toString(),
                        "-c",
                        "exit_on_error=on",
                        // A failing statement is not printed: it may hold the password.
                        "-c",
                        "log_min_error_statement=panic",
                        "postgres"),
                String.join("\n", statements) + "\n");
    }

    private static String randomPassword() {
        var bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var entries = Files.newDirectoryStream(folder)) {
            return !entries.iterator().hasNext();
        }
    }
}
