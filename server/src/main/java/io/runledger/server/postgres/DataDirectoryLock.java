package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One ledger's sole claim on its data directory; the operating system gives it up when the process dies. */
final class DataDirectoryLock implements AutoCloseable {

    /** Closing any channel on a locked file drops this process's lock, so a second claim must not even open it. */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final FileChannel channel;

    private DataDirectoryLock(Path root, FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    static DataDirectoryLock acquire(DataDirectory directory) {
        var root = directory.root();
        if (!HELD_HERE.add(root)) {
            throw new DataDirectoryInUse(root, ownPid());
        }
        try {
            return new DataDirectoryLock(root, lock(directory));
        } catch (IOException e) {
            HELD_HERE.remove(root);
            throw new LocalPostgresFailure(
                    "Cannot lock %s (%s). %s".formatted(directory.lockFile(), e, Remedy.adviceFor(String.valueOf(e))),
                    e);
        } catch (RuntimeException e) {
            HELD_HERE.remove(root);
            throw e;
        }
    }

    private static FileChannel lock(DataDirectory directory) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var channel = FileChannel.open(directory.lockFile(), options, PrivateFiles.OWNER_FILE);
        try {
            if (channel.tryLock() == null) {
                var owner = Files.readString(directory.lockFile()).strip();
                throw new DataDirectoryInUse(directory.root(), owner);
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(ownPid().getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The file stays: deleting it would let two ledgers lock two files of the same name. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // The lock ends with the process at the latest.
        } finally {
            HELD_HERE.remove(root);
        }
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }
}
