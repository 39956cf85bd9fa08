package io.runledger.server.postgres;

import static io.runledger.server.postgres.LocalPostgresTest.PROGRAMS;
import static io.runledger.server.postgres.LocalPostgresTest.connect;
import static io.runledger.server.postgres.LocalPostgresTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.runledger.server.story.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kills servers and databases the hard way; only processes that the test itself started. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LocalPostgresIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** The data of a server that was started once, for stories that do not look at how that is made. */
    @TempDir
    static Path made;

    @TempDir
    Path data;

    private ServerProcesses processes;
    private final List<Process> servers = new ArrayList<>();

    @BeforeAll
    static void makeOne() {
        LocalPostgres.start(made, PROGRAMS).close();
    }

    @BeforeEach
    void look() throws IOException {
        processes = new ServerProcesses(data.toRealPath().resolve("postgres"));
    }

    @AfterEach
    void leaveNothingRunning() {
        servers.forEach(Process::destroyForcibly);
        processes.stop();
    }

    @Test
    void postgres_goes_when_its_server_is_killed_and_nothing_confirmed_is_lost() throws Exception {
        var server = Server.start(this);
        server.confirm(500);
        server.kill();
        await().atMost(SOON).until(() -> processes.alive().isEmpty());
        assertNothingLost(server.lastConfirmed());
    }

    @Test
    void the_first_start_works_while_the_killed_servers_postgres_still_runs() throws Exception {
        var server = Server.start(this);
        server.confirm(500);
        server.kill();
        assertNothingLost(server.lastConfirmed());
    }

    @Test
    void the_first_start_works_after_server_and_postmaster_were_killed() throws Exception {
        var server = Server.start(this);
        server.confirm(500);
        kill(server.postmaster);
        server.kill();
        assertNothingLost(server.lastConfirmed());
    }

    @Test
    void the_first_start_ends_an_orphan_that_nobody_watches_any_more() throws Exception {
        var server = Server.start(this);
        server.confirm(500);
        var shell = ProcessHandle.of(server.shell).orElseThrow();
        var guards = shell.children()
                .filter(child -> child.pid() != server.postmaster)
                .toList();
        assertThat(guards).isNotEmpty();
        guards.forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        server.kill();
        assertThat(processes.alive()).extracting(ProcessHandle::pid).contains(server.postmaster);
        assertNothingLost(server.lastConfirmed());
    }

    @Test
    void a_server_whose_postgres_lost_its_shell_takes_it_back() throws Exception {
        BackupByHand.copy(made, data);
        try (var postgres = LocalPostgres.start(data, PROGRAMS)) {
            var before = postgres.postmaster();
            kill(before.shellPid());
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
                assertThat(postgres.postmaster().pid()).isNotEqualTo(before.pid());
                try (var connection = connect(postgres)) {
                    assertThat(text(connection, "select 1")).isEqualTo("1");
                }
            });
            assertThat(processes.alive()).extracting(ProcessHandle::pid).doesNotContain(before.pid());
        }
        assertThat(processes.alive()).isEmpty();
    }

    private static LongStream moments() {
        return Figures.isThorough() ? LongStream.of(0, 50, 100, 200, 400, 600, 800) : LongStream.of(0, 200, 600);
    }

    @ParameterizedTest
    @MethodSource("moments")
    void a_first_start_killed_at_any_moment_is_no_obstacle(long millis) throws Exception {
        var first = launch();
        await().pollInterval(Duration.ofMillis(1)).atMost(SOON).until(this::clusterIsBeingMade);
        first.waitFor(millis, TimeUnit.MILLISECONDS);
        first.destroyForcibly().waitFor();
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            assertThat(text(connection, "show data_checksums")).isEqualTo("on");
        }
    }

    @Test
    void another_process_is_refused_and_told_who_has_the_directory() throws Exception {
        var server = Server.start(this);
        assertThatExceptionOfType(DataDirectoryInUse.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("process " + server.jvm.pid());
        server.confirm(10);
    }

    private void assertNothingLost(long lastConfirmed) throws Exception {
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            var found = text(connection, "select count(*) from numbers where number <= " + lastConfirmed);
            assertThat(Long.parseLong(found)).isEqualTo(lastConfirmed).isGreaterThanOrEqualTo(500);
        }
        assertThat(processes.alive()).isEmpty();
    }

    private boolean clusterIsBeingMade() throws IOException {
        try (var drafts = Files.newDirectoryStream(data, "postgres.new-*")) {
            return drafts.iterator().hasNext();
        }
    }

    private Process launch() throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var classPath = System.getProperty("java.class.path");
        var server = new ProcessBuilder(
                        java,
                        "-cp",
                        classPath,
                        LedgerProcess.class.getName(),
                        data.toString(),
                        PROGRAMS.toAbsolutePath().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        servers.add(server);
        return server;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    /** A running LedgerProcess and what it has printed. */
    private record Server(Process jvm, long postmaster, long shell, List<String> printed) {

        static Server start(LocalPostgresIT test) throws IOException {
            BackupByHand.copy(made, test.data);
            var jvm = test.launch();
            var lines = jvm.inputReader();
            var line = lines.readLine();
            while (line != null && !line.startsWith("started ")) {
                line = lines.readLine();
            }
            assertThat(line).isNotNull();
            var words = line.split(" ", -1);
            return new Server(jvm, Long.parseLong(words[1]), Long.parseLong(words[2]), new ArrayList<>());
        }

        /** Through its handle: Process would close the pipe, and what was confirmed last would be lost to the test. */
        void kill() throws InterruptedException {
            jvm.toHandle().destroyForcibly();
            jvm.waitFor();
        }

        void confirm(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                printed.add(jvm.inputReader().readLine());
            }
        }

        /** Reads what was printed before the end; a last line without its end may be cut off and does not count. */
        long lastConfirmed() throws IOException {
            var rest = new StringBuilder();
            int c;
            while ((c = jvm.inputReader().read()) >= 0) {
                rest.append((char) c);
            }
            rest.setLength(rest.lastIndexOf("\n") + 1);
            rest.toString().lines().forEach(printed::add);
            // The log is printed there too.
            return Long.parseLong(printed.stream()
                    .filter(line -> line.matches("\\d+"))
                    .reduce((_, last) -> last)
                    .orElseThrow());
        }
    }
}
