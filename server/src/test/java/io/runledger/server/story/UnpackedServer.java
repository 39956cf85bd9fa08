package io.runledger.server.story;

import io.runledger.server.Runledger;
import io.runledger.server.postgres.BackupByHand;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server, unpacked and with an archive of what the virtual machine would have to load and link, as the README
 * tells; ready in half of the time. With it comes the data of an empty ledger: to make that takes the other half. Made once
 * in each run of the stories.
 */
final class UnpackedServer {

    private static final Path FOLDER = Path.of("target", "unpacked");
    private static final String JAR = FOLDER.resolve("runledger.jar").toString();
    private static final String COLLECTOR = "-XX:+UseParallelGC";
    private static final Path ARCHIVE = FOLDER.resolve("runledger.aot");

    private static final String USE_ARCHIVE = "-XX:AOTCache=" + ARCHIVE;
    private static final Path STORIES = Path.of("target", "test-classes");

    /** What the server that the archive was learned from left behind. */
    private static final Path EMPTY_LEDGER = FOLDER.resolve("empty-ledger");

    /** Which packaged server it was made of; by what is in it, for the build gives every package the same time. */
    private static final Path MADE_OF = FOLDER.resolve("made-of");

    private static final Path LOCK = FOLDER.resolveSibling("unpacked.lock");

    private static @Nullable List<String> program;

    private UnpackedServer() {}

    /** What Java is told to start it; null when nothing was packaged yet, or another virtual machine is at making it. */
    static synchronized @Nullable List<String> program() {
        if (program == null && Files.exists(LedgerProcess.PACKAGED)) {
            // Two virtual machines share the stories; to wait for the other one's archive would take longer than to do
            // without.
            try (FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    return null;
                }
                String packaged = checksum(LedgerProcess.PACKAGED);
                if (!isMadeOf(packaged)) {
                    LedgerProcess.deleteTree(FOLDER);
                    unpack();
                    learn();
                    Files.writeString(MADE_OF, packaged);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            program = List.of(COLLECTOR, USE_ARCHIVE, "-jar", JAR);
        }
        return program;
    }

    /** The same, begun by this class, which may be one of the stories. */
    static @Nullable List<String> program(Class<?> mainClass) {
        List<String> packaged = program();
        return packaged == null || mainClass == Runledger.class
                ? packaged
                : List.of(COLLECTOR, USE_ARCHIVE, "-cp", JAR + File.pathSeparator + STORIES, mainClass.getName());
    }

    private static boolean isMadeOf(String packaged) throws IOException {
        return Files.exists(MADE_OF)
                && Files.exists(EMPTY_LEDGER)
                && Files.readString(MADE_OF).equals(packaged);
    }

    private static String checksum(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Long.toHexString(checksum.getValue());
    }

    /** The archive is written when the server that it is learned from stops. */
    private static void learn() {
        try (LedgerProcess teacher = LedgerProcess.named("unpacked")
                .program(List.of(COLLECTOR, "-XX:AOTCacheOutput=" + ARCHIVE, "-jar", JAR))
                .start()) {
            new LedgerClient(teacher).read("/v1/runs");
            teacher.stop();
            Files.move(teacher.data(), EMPTY_LEDGER);
            // Ledgers that start at the same moment must not want the same port.
            Files.delete(EMPTY_LEDGER.resolve("postgres.port"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts an empty ledger's data where no data is yet; nothing when there is none to copy. */
    static void copyEmptyLedger(Path data) {
        if (program() == null || Files.exists(data.resolve("postgres"))) {
            return;
        }
        try {
            BackupByHand.copy(EMPTY_LEDGER, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void unpack() throws IOException {
        try {
            Process unpacking = new ProcessBuilder(
                            LedgerProcess.JAVA,
                            "-Djarmode=tools",
                            "-jar",
                            LedgerProcess.PACKAGED.toString(),
                            "extract",
                            "--force",
                            "--destination",
                            FOLDER.toString())
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(unpacking.getInputStream().readAllBytes());
            if (unpacking.waitFor() != 0) {
                throw new AssertionError("the packaged server could not be unpacked:\n" + printed);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
