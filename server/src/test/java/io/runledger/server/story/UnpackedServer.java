package io.runledger.server.story;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server, unpacked and with an archive of what the virtual machine would have to load and link, as the README
 * tells; ready in half of the time. Made once in each run of the stories.
 */
final class UnpackedServer {

    private static final Path FOLDER = Path.of("target", "unpacked");
    private static final String JAR = FOLDER.resolve("runledger.jar").toString();
    private static final String COLLECTOR = "-XX:+UseParallelGC";
    private static final Path ARCHIVE = FOLDER.resolve("runledger.aot");
    private static final Path LOCK = FOLDER.resolveSibling("unpacked.lock");

    private static @Nullable List<String> program;

    private UnpackedServer() {}

    /** What Java is told to start it; null when nothing was packaged yet. */
    static synchronized @Nullable List<String> program() {
        if (program == null && Files.exists(LedgerProcess.PACKAGED)) {
            // Two virtual machines share the stories, and the second one waits for the first one's archive.
            try (FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!isMade()) {
                    unpack();
                    learn();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            program = List.of(COLLECTOR, "-XX:AOTCache=" + ARCHIVE, "-jar", JAR);
        }
        return program;
    }

    private static boolean isMade() throws IOException {
        return Files.exists(ARCHIVE)
                && Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(LedgerProcess.PACKAGED)) > 0;
    }

    /** The archive is written when the server that it is learned from stops. */
    private static void learn() {
        try (LedgerProcess teacher = LedgerProcess.named("unpacked")
                .program(List.of(COLLECTOR, "-XX:AOTCacheOutput=" + ARCHIVE, "-jar", JAR))
                .start()) {
            new LedgerClient(teacher).read("/v1/runs");
            teacher.stop();
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
