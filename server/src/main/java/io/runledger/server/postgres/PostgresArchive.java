package io.runledger.server.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The PostgreSQL programs for this platform as they lie on the class path, packed (zonky's binaries artifacts). */
record PostgresArchive(URL location) {

    static PostgresArchive forThisPlatform() {
        var name = "postgres-%s-%s%s.txz".formatted(operatingSystem(), architecture(), flavour());
        var location = PostgresArchive.class.getClassLoader().getResource(name);
        if (location == null) {
            throw new LocalPostgresFailure(
                    "The server brings no PostgreSQL for this platform (%s is not on the class path). ".formatted(name)
                            + "Use a PostgreSQL of your own: set RUNLEDGER_DATABASE_URL.");
        }
        return new PostgresArchive(location);
    }

    /** Names the content, so that another version or platform never meets an older one's files. */
    String fingerprint() throws IOException {
        try (var bytes = new DigestInputStream(location.openStream(), MessageDigest.getInstance("SHA-256"))) {
            bytes.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(bytes.getMessageDigest().digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    void unpackInto(Path folder) throws IOException {
        try (var tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(location.openStream(), 1 << 16)))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                var target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("Entry outside of its folder: " + entry.getName());
                }
                unpack(tar, entry, target);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, target);
        // Or a power failure could leave the final name on empty files, which nobody would unpack again.
        try (var file = FileChannel.open(target, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        if ((entry.getMode() & 0100) != 0 && !target.toFile().setExecutable(true)) {
            throw new IOException("Cannot make " + target + " executable");
        }
    }

    private static String operatingSystem() {
        var name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name.startsWith("windows") ? "windows" : name;
    }

    private static String architecture() {
        var name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> name;
        };
    }

    /** Alpine's C library cannot run what was linked with glibc. */
    private static String flavour() {
        return Files.exists(Path.of("/etc/alpine-release")) ? "-alpine_linux" : "";
    }
}
