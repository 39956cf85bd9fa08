package io.runledger.server.postgres;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings PostgreSQL up on one cluster at the first try, whatever an earlier one left behind. */
final class Startup {

    private static final Logger log = LoggerFactory.getLogger(Startup.class);
    private static final Duration QUIET_RECOVERY = Duration.ofSeconds(5);
    private static final Duration LONGEST_RECOVERY = Duration.ofMinutes(30);
    private static final int ATTEMPTS = 5;
    private static final int LOG_TAIL_BYTES = 4_000;

    /** What another attempt cures: memory, pid file or port of a predecessor on its way out, or a port just taken. */
    private static final Pattern PASSING =
            Pattern.compile("shared memory block|lock file \"postmaster.pid\"|could not bind|Address already in use");

    /** The port to use, asked for anew at every attempt. */
    @FunctionalInterface
    interface PortChoice {
        int port() throws IOException;
    }

    /** A PostgreSQL that accepts connections. */
    record Running(Postmaster postmaster, int port) {}

    private final Cluster cluster;
    private final BooleanSupplier cancelled;

    Startup(Cluster cluster, BooleanSupplier cancelled) {
        this.cluster = cluster;
        this.cancelled = cancelled;
    }

    Running start(PortChoice choice) {
        try {
            for (int attempt = 1; ; attempt++) {
                new ServerProcesses(cluster.directory().cluster()).clear();
                var port = choice.port();
                var logStart = logSize();
                var postmaster = Postmaster.launch(cluster, port);
                if (becomesReady(postmaster)) {
                    return new Running(postmaster, port);
                }
                postmaster.letGo();
                var output = logSince(logStart);
                if (attempt == ATTEMPTS
                        || cancelled.getAsBoolean()
                        || !PASSING.matcher(output).find()) {
                    throw failure(output);
                }
            }
        } catch (IOException e) {
            throw new LocalPostgresFailure(
                    "PostgreSQL in %s did not start (%s). %s"
                            .formatted(cluster.directory().root(), e, Remedy.adviceFor(String.valueOf(e))),
                    e);
        }
    }

    private boolean becomesReady(Postmaster postmaster) {
        BooleanSupplier decided = () -> postmaster.isReady() || !postmaster.isAlive() || cancelled.getAsBoolean();
        if (!Waiting.until(decided, QUIET_RECOVERY)) {
            log.info(
                    "PostgreSQL recovers what was written before it was stopped the hard way; see {}",
                    cluster.directory().log());
            Waiting.until(decided, LONGEST_RECOVERY);
        }
        return postmaster.isReady() && postmaster.isAlive();
    }

    private LocalPostgresFailure failure(String output) {
        return new LocalPostgresFailure("PostgreSQL in %s did not start. %s Its log is %s and ends with:%n%s"
                .formatted(
                        cluster.directory().root(),
                        Remedy.adviceFor(output),
                        cluster.directory().log(),
                        output));
    }

    private long logSize() throws IOException {
        var file = cluster.directory().log();
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** The end of what was logged since then; all of the end if the log was begun anew meanwhile. */
    private String logSince(long start) throws IOException {
        try (var file = new RandomAccessFile(cluster.directory().log().toFile(), "r")) {
            var from = Math.max(start > file.length() ? 0 : start, file.length() - LOG_TAIL_BYTES);
            var bytes = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        }
    }
}
