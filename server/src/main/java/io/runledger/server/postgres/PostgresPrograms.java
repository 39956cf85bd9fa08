package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The unpacked PostgreSQL programs, and how this user may run them. */
record PostgresPrograms(Path folder) {

    private static final ReentrantLock UNPACKING = new ReentrantLock();

    /** Where the user's caches are, shared by all ledgers; beside the data if there is no such place. */
    static Path usualParent(DataDirectory directory) {
        var home = Path.of(System.getProperty("user.home", ""));
        return home.isAbsolute() && Files.isWritable(home)
                ? home.resolve(".cache", "runledger", "postgres")
                : directory.root().resolve("postgres-programs");
    }

    /** Unpacks once per version: whoever comes later, or second, finds the finished folder. */
    static PostgresPrograms unpackedIn(Path parent) {
        UNPACKING.lock();
        try {
            var archive = PostgresArchive.forThisPlatform();
            var folder = parent.resolve(archive.fingerprint());
            if (Files.notExists(folder)) {
                Files.createDirectories(parent, PrivateFiles.OWNER_FOLDER);
                unpack(archive, folder);
            }
            return new PostgresPrograms(folder.toRealPath());
        } catch (IOException e) {
            throw new LocalPostgresFailure(
                    "Cannot unpack PostgreSQL into %s (%s). %s"
                            .formatted(parent.toAbsolutePath(), e, Remedy.adviceFor(String.valueOf(e))),
                    e);
        } finally {
            UNPACKING.unlock();
        }
    }

    /** Half an unpacking, left by a crash, never gets the final name. */
    private static void unpack(PostgresArchive archive, Path folder) throws IOException {
        var lockFile = folder.resolveSibling(folder.getFileName() + ".lock");
        try (var channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (Files.exists(folder)) {
                return;
            }
            var draft = folder.resolveSibling(folder.getFileName() + ".new");
            PrivateFiles.deleteTree(draft);
            Files.createDirectory(draft, PrivateFiles.OWNER_FOLDER);
            archive.unpackInto(draft);
            PrivateFiles.moveDurably(draft, folder);
        }
    }

    /** The command line of one program; PostgreSQL refuses root, so root runs it as nobody in a user namespace. */
    List<String> command(String program, List<String> arguments) throws IOException {
        var command = new ArrayList<String>();
        if (isRoot()) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(folder.resolve("bin", program).toString());
        command.addAll(arguments);
        return command;
    }

    /** Runs one program to its end and hands back what it printed. */
    String run(String program, List<String> arguments, String input) throws IOException {
        var builder = new ProcessBuilder(command(program, arguments)).redirectErrorStream(true);
        cleanEnvironment(builder);
        var process = builder.start();
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(input);
        } catch (IOException _) {
            // It ended before it read everything; its output below says why.
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new LocalPostgresFailure(
                    "PostgreSQL's %s failed. %s It said:%n%s".formatted(program, Remedy.adviceFor(output), output));
        }
        return output;
    }

    /** Settings of the user's other databases must not reach ours, and messages stay in the language we look for. */
    static void cleanEnvironment(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
    }

    /** The major version, as the catalogue's source states it: quicker than to start a program for it. */
    String majorVersion() throws IOException {
        try (var lines = Files.lines(folder.resolve("share", "postgresql", "postgres.bki"))) {
            return lines.findFirst().orElse("").replace("# PostgreSQL", "").strip();
        }
    }

    private static boolean isRoot() throws IOException {
        var self = Path.of("/proc/self");
        return Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0);
    }
}
