package io.runledger.server.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One running PostgreSQL, under a small shell that stops it when this JVM is gone, however it went. */
final class Postmaster {

    /**
     * The guard reads a pipe that only this JVM can write to: its end means that the JVM is gone. It asks more than
     * once, because a process that has only just been started ignores the first. HUP, INT and TERM from a terminal or
     * an init system are not for this shell: the server decides when its database stops.
     */
    private static final String SHELL = """
            trap '' HUP INT TERM
            umask 077
            log=$1
            shift
            exec 3<&0 </dev/null
            "$@" 3<&- >>"$log" 2>&1 &
            postmaster=$!
            echo $postmaster
            exec >>"$log" 2>&1
            (
                while read -r line <&3; do :; done
                attempt=0
                while [ $attempt -lt 30 ]; do
                    kill -INT $postmaster 2>/dev/null || exit 0
                    sleep 1 >/dev/null 2>&1
                    attempt=$((attempt + 1))
                done
                kill -QUIT $postmaster 2>/dev/null
            ) &
            guard=$!
            exec 3<&-
            wait $postmaster
            status=$?
            kill -KILL $guard 2>/dev/null
            exit $status
            """;

    private final Process shell;
    private final long pid;
    private final Path pidFile;

    private Postmaster(Process shell, long pid, Path pidFile) {
        this.shell = shell;
        this.pid = pid;
        this.pidFile = pidFile;
    }

    static Postmaster launch(Cluster cluster, int port) throws IOException {
        var directory = cluster.directory();
        directory.prepareLog();
        var builder = new ProcessBuilder(commandLine(cluster, port))
                .redirectError(ProcessBuilder.Redirect.appendTo(directory.log().toFile()));
        PostgresPrograms.cleanEnvironment(builder);
        var shell = builder.start();
        var line = shell.inputReader(StandardCharsets.UTF_8).readLine();
        if (line == null) {
            throw new LocalPostgresFailure("The shell that starts PostgreSQL failed. Read " + directory.log() + ".");
        }
        return new Postmaster(
                shell, Long.parseLong(line.strip()), directory.cluster().resolve("postmaster.pid"));
    }

    private static List<String> commandLine(Cluster cluster, int port) throws IOException {
        var command = new ArrayList<String>();
        if (isOnPath("setsid")) {
            // A session of its own, or Ctrl-C in the server's terminal would stop the database before the server.
            command.add("setsid");
        }
        command.addAll(List.of(
                "sh",
                "-c",
                SHELL,
                "runledger-postgres",
                cluster.directory().log().toString()));
        command.addAll(cluster.programs()
                .command("postgres", arguments(cluster.directory().cluster(), port)));
        return command;
    }

    /** On the command line, where neither postgresql.conf nor "alter system" can take them back. */
    private static List<String> arguments(Path cluster, int port) {
        var settings = Stream.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "password_encryption=scram-sha-256",
                "hba_file=" + cluster.resolve("pg_hba.conf"),
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                "logging_collector=off",
                "log_destination=stderr");
        return Stream.concat(Stream.of("-D", cluster.toString()), settings.flatMap(setting -> Stream.of("-c", setting)))
                .toList();
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(folder -> !folder.isEmpty() && Files.isExecutable(Path.of(folder, program)));
    }

    long pid() {
        return pid;
    }

    long shellPid() {
        return shell.pid();
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /** As the postmaster itself says in its pid file, so that nobody knocks in vain and fills the log. */
    boolean isReady() {
        try {
            var lines = Files.readAllLines(pidFile);
            return lines.size() >= 8
                    && lines.getFirst().strip().equals(Long.toString(pid))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException _) {
            return false; // Not written yet.
        }
    }

    /** Also when only the shell died: then nobody watches the postmaster, which comes to the same. */
    int awaitExit() {
        return shell.onExit().join().exitValue();
    }

    /** Closes the pipe: from here on the shell stops the postmaster. */
    void letGo() {
        try {
            shell.getOutputStream().close();
        } catch (IOException _) {
            // The shell is gone already, and its end of the pipe with it.
        }
    }
}
