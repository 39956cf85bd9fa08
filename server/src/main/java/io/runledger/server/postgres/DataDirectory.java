package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Where everything of one ledger lies; nothing in it that holds data is ever deleted by the server. */
record DataDirectory(Path root) {

    private static final long LOG_LIMIT_BYTES = 10L * 1024 * 1024;

    static DataDirectory open(Path path) {
        try {
            if (Files.notExists(path)) {
                Files.createDirectories(path, PrivateFiles.OWNER_FOLDER);
            }
            var root = path.toRealPath();
            if (!Files.isDirectory(root) || !Files.isWritable(root)) {
                throw unusable(path, null);
            }
            return new DataDirectory(root);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    Path lockFile() {
        return root.resolve("lock");
    }

    Path cluster() {
        return root.resolve("postgres");
    }

    Path log() {
        return root.resolve("postgres.log");
    }

    Path passwordFile() {
        return root.resolve("postgres.password");
    }

    Path portFile() {
        return root.resolve("postgres.port");
    }

    /** Leaves a log file that only its owner can read: statements in it may show what users stored. */
    void prepareLog() throws IOException {
        if (Files.exists(log()) && Files.size(log()) > LOG_LIMIT_BYTES) {
            Files.move(log(), root.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (Files.notExists(log())) {
            Files.createFile(log(), PrivateFiles.OWNER_FILE);
        }
    }

    private static LocalPostgresFailure unusable(Path path, @Nullable IOException cause) {
        return new LocalPostgresFailure(
                "The data directory %s cannot be used%s. Let user %s read and write it, or configure another."
                        .formatted(
                                path.toAbsolutePath(),
                                cause == null ? "" : " (" + cause + ")",
                                System.getProperty("user.name")),
                cause);
    }
}
