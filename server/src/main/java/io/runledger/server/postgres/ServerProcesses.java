package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The PostgreSQL processes of one cluster, whoever started them, and never any other process. */
final class ServerProcesses {

    private static final Logger log = LoggerFactory.getLogger(ServerProcesses.class);
    private static final Duration FAST_SHUTDOWN = Duration.ofSeconds(30);
    private static final Duration LAST_SHUTDOWN = Duration.ofSeconds(10);
    private static final Path PROC = Path.of("/proc");

    private final Path cluster;

    ServerProcesses(Path cluster) {
        this.cluster = cluster;
    }

    List<ProcessHandle> alive() {
        return ProcessHandle.allProcesses().filter(this::belongsHere).toList();
    }

    /** Makes room for a new server: ends what an earlier one left running, and its claim on the cluster. */
    void clear() throws IOException {
        var leftovers = alive();
        if (!leftovers.isEmpty()) {
            log.warn(
                    "Stopping PostgreSQL processes {} that an earlier server left in {}",
                    leftovers.stream().map(ProcessHandle::pid).toList(),
                    cluster);
            stop();
        }
        forgetReusedPid();
    }

    /** Politely, then firmly: afterwards nothing writes to the cluster. */
    void stop() {
        if (stopped("INT", leaders(alive()), FAST_SHUTDOWN) || stopped("QUIT", alive(), LAST_SHUTDOWN)) {
            return;
        }
        // Safe for the data: what is committed is in the log, and the next start recovers from it.
        if (!stopped("KILL", alive(), LAST_SHUTDOWN)) {
            throw new LocalPostgresFailure(
                    "Processes %s still run PostgreSQL in %s and cannot be ended. End them and start again."
                            .formatted(alive().stream().map(ProcessHandle::pid).toList(), cluster));
        }
    }

    /**
     * Forgets a postmaster that is gone when its number was given to some other process since, which PostgreSQL
     * itself cannot tell from a running postmaster.
     */
    private void forgetReusedPid() throws IOException {
        var pidFile = cluster.resolve("postmaster.pid");
        if (Files.notExists(pidFile) || !Files.isDirectory(PROC)) {
            return;
        }
        var pid = Files.readAllLines(pidFile).stream()
                .findFirst()
                .map(String::strip)
                .orElse("");
        boolean reused =
                pid.matches("\\d+") && ProcessHandle.of(Long.parseLong(pid)).isPresent();
        if (reused && alive().isEmpty()) {
            Files.deleteIfExists(pidFile);
        }
    }

    private boolean stopped(String signal, List<ProcessHandle> receivers, Duration atMost) {
        send(signal, receivers);
        return Waiting.until(() -> alive().isEmpty(), atMost);
    }

    /** Postmasters, and backends whose postmaster died: these leave by themselves, an interrupt does no harm. */
    private static List<ProcessHandle> leaders(List<ProcessHandle> processes) {
        var pids = processes.stream().map(ProcessHandle::pid).collect(Collectors.toSet());
        return processes.stream()
                .filter(process -> process.parent()
                        .map(parent -> !pids.contains(parent.pid()))
                        .orElse(true))
                .toList();
    }

    /** Java can send TERM and KILL only, and TERM makes PostgreSQL wait for its clients. */
    private static void send(String signal, List<ProcessHandle> receivers) {
        if (receivers.isEmpty()) {
            return;
        }
        var pids = receivers.stream()
                .map(receiver -> Long.toString(receiver.pid()))
                .collect(Collectors.joining(" "));
        try {
            new ProcessBuilder("sh", "-c", "kill -%s %s 2>/dev/null".formatted(signal, pids))
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new LocalPostgresFailure(
                    "Cannot run sh to stop PostgreSQL (%s). Put sh on the PATH.".formatted(e), e);
        }
    }

    private boolean belongsHere(ProcessHandle process) {
        return isPostgres(process) && worksInCluster(process);
    }

    /** Someone's shell may stand in the same folder; it is not ours to end. */
    private static boolean isPostgres(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> Path.of(command).getFileName())
                .filter(name -> Set.of("postgres", "postgres (deleted)").contains(name.toString()))
                .isPresent();
    }

    private boolean worksInCluster(ProcessHandle process) {
        if (!Files.isDirectory(PROC)) {
            return process.info()
                    .arguments()
                    .filter(arguments -> Arrays.asList(arguments).contains(cluster.toString()))
                    .isPresent();
        }
        try {
            return Files.readSymbolicLink(PROC.resolve(Long.toString(process.pid()), "cwd"))
                    .equals(cluster);
        } catch (IOException _) {
            return false; // It has just ended, or is another user's.
        }
    }
}
