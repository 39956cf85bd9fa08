package io.runledger.server.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A ledger that was stopped, whose data directory can be copied: sooner there than another one is made. */
public final class StoppedLedger {

    /** Of one server: a copy finds a port of its own, and begins its own log. */
    private static final Set<String> NOT_COPIED = Set.of("lock", "postgres.port", "postgres.log");

    private StoppedLedger() {}

    /** Makes the copy, whose folder may be there already. */
    public static void copy(Path from, Path to) {
        try (Stream<Path> found = Files.walk(from)) {
            List<Path> paths = found.toList();
            for (Path path : paths) {
                Path copy = to.resolve(from.relativize(path));
                boolean isThere = path.equals(from) && Files.exists(copy);
                if (!isThere && !NOT_COPIED.contains(from.relativize(path).toString())) {
                    Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
