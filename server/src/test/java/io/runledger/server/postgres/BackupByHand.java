package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What pg_basebackup does, where there is none: all files while they change, then the log that makes one moment of them. */
public final class BackupByHand {

    private BackupByHand() {}

    /** Copies the running cluster in this folder to another; returns when the log that the copy needs is in it, too. */
    public static void take(Connection superuser, Path cluster, Path backup) throws IOException, SQLException {
        try (Statement statement = superuser.createStatement()) {
            statement.execute("select pg_backup_start('test', fast => true)");
            copy(cluster, backup, false);
            try (ResultSet label =
                    statement.executeQuery("select labelfile from pg_backup_stop(wait_for_archive => false)")) {
                label.next();
                Files.writeString(backup.resolve("backup_label"), label.getString(1));
            }
            copy(cluster.resolve("pg_wal"), backup.resolve("pg_wal"), true);
        }
    }

    /** Copies a cluster that nobody works in. */
    public static void copy(Path cluster, Path copy) throws IOException {
        copy(cluster, copy, true);
    }

    private static void copy(Path from, Path to, boolean log) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path copy = to.resolve(from.relativize(folder));
                if (Files.notExists(copy)) {
                    Files.copy(folder, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
                return !log && folder.endsWith("pg_wal") ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.endsWith("postmaster.pid") && !file.endsWith("epg-lock")) {
                    Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // It was there a moment ago: the log knows.
                }
                throw e;
            }
        });
    }
}
