package io.runledger.server.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The programs of a PostgreSQL that a test runs, and those for backups that fit it, as far as this machine has them: the
 * PostgreSQL that the ledger brings along comes without them.
 *
 * @param clients with pg_basebackup, pg_receivewal, pg_dump and pg_restore; null when there are none
 */
public record PostgresKit(PostgresPrograms server, @Nullable PostgresPrograms clients) {

    /** The oldest that the ledger works on. */
    private static final int OLDEST = 15;

    private static final List<String> FOR_BACKUPS = List.of("pg_basebackup", "pg_receivewal", "pg_dump", "pg_restore");
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    /** The one that the ledger brings along, with client programs of its version or newer. */
    public static PostgresKit broughtAlong() {
        PostgresPrograms server = PostgresPrograms.unpackedIn(Path.of("target", "postgres-programs"));
        return new PostgresKit(
                server,
                installed()
                        .filter(found -> version(found, "pg_dump") >= version(server, "postgres"))
                        .findFirst()
                        .orElse(null));
    }

    /** The newest on this machine that is complete. */
    public static Optional<PostgresKit> onThisMachine() {
        return installed()
                .filter(found -> isThere(found.folder(), List.of("initdb", "pg_ctl", "postgres")))
                .filter(found -> version(found, "postgres") >= OLDEST)
                .findFirst()
                .map(found -> new PostgresKit(found, found));
    }

    /** Such as "18". */
    public int version() {
        return version(server, "postgres");
    }

    PostgresPrograms forBackups() {
        if (clients == null) {
            throw new IllegalStateException("no programs for backups");
        }
        return clients;
    }

    /** What takes its base backups. */
    String backupProgram() {
        return clients == null
                ? "pg_backup_start and a copy of the files, for no pg_basebackup of version " + version() + " is here"
                : "pg_basebackup " + version(clients, "pg_basebackup");
    }

    /** The newest first; where the PATH leads to, and where Debian puts what it leads to only by name. */
    private static Stream<PostgresPrograms> installed() {
        Path debian = Path.of("/usr/lib/postgresql");
        try (Stream<Path> versions = Files.isDirectory(debian) ? Files.list(debian) : Stream.empty()) {
            Stream<Path> path = Stream.of(
                            System.getenv().getOrDefault("PATH", "").split(":", -1))
                    .filter(folder -> folder.endsWith("/bin"))
                    .map(folder -> Path.of(folder).getParent());
            return Stream.concat(versions.toList().stream(), path)
                    .filter(folder -> isThere(folder, FOR_BACKUPS))
                    .map(PostgresPrograms::new)
                    .sorted(Comparator.comparing((PostgresPrograms found) -> version(found, "pg_dump"))
                            .reversed());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isThere(Path folder, List<String> programs) {
        return programs.stream().allMatch(program -> Files.isExecutable(folder.resolve("bin", program)));
    }

    private static int version(PostgresPrograms programs, String program) {
        try {
            Matcher version = VERSION.matcher(programs.run(program, List.of("--version"), ""));
            if (!version.find()) {
                throw new IllegalStateException(program + " does not tell its version");
            }
            return Integer.parseInt(version.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
