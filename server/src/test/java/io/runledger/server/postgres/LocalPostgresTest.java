package io.runledger.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresTest {

    static final Path PROGRAMS = Path.of("target", "postgres-programs");

    /** The data of a server that was started once, for tests that do not look at how that is made. */
    @TempDir
    static Path made;

    @TempDir
    Path data;

    @BeforeAll
    static void makeOne() {
        LocalPostgres.start(made, PROGRAMS).close();
    }

    @Test
    void keeps_what_it_confirms_and_lets_only_the_owner_in() throws Exception {
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            for (var setting : List.of("fsync", "synchronous_commit", "full_page_writes", "data_checksums")) {
                assertThat(text(connection, "show " + setting)).as(setting).isEqualTo("on");
            }
            assertThat(text(connection, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(text(connection, "show unix_socket_directories")).isEmpty();
            assertThat(text(connection, "select datcollate || datlocale from pg_database where datname = 'runledger'"))
                    .isEqualTo("CC.UTF-8");
            assertThat(text(connection, "select rolsuper::text from pg_roles where rolname = current_user"))
                    .isEqualTo("false");

            var url = "jdbc:postgresql://127.0.0.1:%d/%s".formatted(portOf(postgres), "runledger");
            assertThatThrownBy(() -> DriverManager.getConnection(url, postgres.user(), null))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> DriverManager.getConnection(url, postgres.user(), "guess"))
                    .hasMessageContaining("password authentication failed");
            assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", postgres.password()))
                    .hasMessageContaining("password authentication failed");
        }
        for (var file : List.of("postgres.password", "postgres.log", "lock", "postgres.port")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(file))))
                    .as(file)
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("postgres"))))
                .isEqualTo("rwx------");
    }

    @Test
    void keeps_data_password_and_port_between_starts() throws Exception {
        String url;
        String password;
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            url = postgres.jdbcUrl();
            password = postgres.password();
            run(connection, "create table kept as select 'yes' as answer");
        }
        assertThat(new ServerProcesses(data.resolve("postgres")).alive()).isEmpty();
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            assertThat(postgres.jdbcUrl()).isEqualTo(url);
            assertThat(postgres.password()).isEqualTo(password);
            assertThat(text(connection, "select answer from kept")).isEqualTo("yes");
        }
    }

    @Test
    void takes_another_port_when_its_own_is_taken_and_a_new_password_when_the_old_is_lost() throws Exception {
        BackupByHand.copy(made, data);
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            run(connection, "create table kept as select 'yes' as answer");
        }
        var port =
                Integer.parseInt(Files.readString(data.resolve("postgres.port")).strip());
        Files.delete(data.resolve("postgres.password"));
        try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
                var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            assertThat(portOf(postgres)).isNotEqualTo(port);
            assertThat(text(connection, "select answer from kept")).isEqualTo("yes");
        }
    }

    @Test
    void refuses_a_second_ledger_on_the_same_data_directory() throws Exception {
        BackupByHand.copy(made, data);
        try (var postgres = LocalPostgres.start(data, PROGRAMS)) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatExceptionOfType(DataDirectoryInUse.class)
                        .isThrownBy(() -> LocalPostgres.start(data.resolve("."), PROGRAMS))
                        .withMessageContaining(data.toRealPath().toString())
                        .withMessageContaining("Stop that one first");
            }
            try (var connection = connect(postgres)) {
                assertThat(text(connection, "select 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void a_killed_postmaster_comes_back_by_itself_on_the_same_port() throws Exception {
        BackupByHand.copy(made, data);
        try (var postgres = LocalPostgres.start(data, PROGRAMS)) {
            try (var connection = connect(postgres)) {
                run(connection, "create table kept as select 'yes' as answer");
            }
            for (int time = 0; time < 2; time++) {
                var killed = postgres.postmaster();
                ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
                await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> {
                    assertThat(postgres.postmaster().pid()).isNotEqualTo(killed.pid());
                    try (var connection = connect(postgres)) {
                        assertThat(text(connection, "select answer from kept")).isEqualTo("yes");
                    }
                });
            }
        }
        assertThat(new ServerProcesses(data.resolve("postgres")).alive()).isEmpty();
    }

    @Test
    void buffers_are_an_eighth_of_the_memory() {
        assertThat(Cluster.sharedBuffers(24L << 30)).isEqualTo(3_072);
        assertThat(Cluster.sharedBuffers(512L << 20)).isEqualTo(128);
        assertThat(Cluster.sharedBuffers(1L << 40)).isEqualTo(4_096);
    }

    @Test
    void a_half_made_cluster_of_a_killed_start_is_no_obstacle() throws Exception {
        var half = Files.createDirectories(data.resolve("postgres.new-1-2/base"));
        Files.writeString(half.resolveSibling("PG_VERSION"), "18\n");
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            assertThat(text(connection, "select 1")).isEqualTo("1");
        }
        assertThat(half).doesNotExist();
    }

    @Test
    void half_unpacked_programs_of_a_killed_start_are_no_obstacle(@TempDir Path programs) throws Exception {
        var whole = PostgresPrograms.unpackedIn(PROGRAMS).folder();
        var half = Files.createDirectories(programs.resolve(whole.getFileName() + ".new/bin"));
        Files.writeString(half.resolve("postgres"), "half");
        assertThat(PostgresPrograms.unpackedIn(programs).run("postgres", List.of("--version"), ""))
                .startsWith("postgres (PostgreSQL) 18.");
        assertThat(half).doesNotExist();
    }

    @Test
    void leaves_a_cluster_of_another_major_version_alone() throws Exception {
        var cluster = Files.createDirectory(data.resolve("postgres"));
        Files.writeString(cluster.resolve("PG_VERSION"), "15\n");
        assertThatExceptionOfType(LocalPostgresFailure.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("written by PostgreSQL 15")
                .withMessageContaining("pg_dump");
        assertThat(cluster).isDirectoryContaining("glob:**PG_VERSION").isDirectoryNotContaining("glob:**pg_hba.conf");
    }

    @Test
    void leaves_a_folder_alone_that_is_no_complete_cluster() throws Exception {
        var file = Files.writeString(
                Files.createDirectory(data.resolve("postgres")).resolve("mine"), "precious");
        assertThatExceptionOfType(LocalPostgresFailure.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("will not be touched");
        assertThat(file).hasContent("precious");
    }

    @Test
    void refuses_a_cluster_without_checksums() throws Exception {
        var programs = PostgresPrograms.unpackedIn(PROGRAMS);
        var cluster = data.toRealPath().resolve("postgres").toString();
        programs.run("initdb", List.of("-D", cluster, "-U", "postgres", "-E", "UTF8", "--no-data-checksums"), "");
        programs.run(
                "postgres",
                List.of("--single", "-D", cluster, "postgres"),
                "create role runledger\ncreate database runledger owner runledger\n");
        assertThatExceptionOfType(LocalPostgresFailure.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("data_checksums is off and must be on")
                .withMessageContaining("pg_checksums --enable");
        assertThat(new ServerProcesses(Path.of(cluster)).alive()).isEmpty();
    }

    @Test
    void refuses_a_role_that_does_not_wait_for_the_disk() throws Exception {
        BackupByHand.copy(made, data);
        try (var postgres = LocalPostgres.start(data, PROGRAMS);
                var connection = connect(postgres)) {
            run(connection, "alter role runledger set synchronous_commit = off");
        }
        assertThatExceptionOfType(LocalPostgresFailure.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("synchronous_commit is off and must be on");
    }

    @Test
    void names_each_setting_that_is_not_durable() {
        assertThat(Durability.differences(Map.of("fsync", "off"))).contains("fsync is off and must be on");
    }

    @Test
    void the_pid_of_a_gone_postmaster_may_belong_to_someone_else_by_now() throws Exception {
        BackupByHand.copy(made, data);
        var stranger = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(
                    data.resolve("postgres/postmaster.pid"),
                    "%d%n%s%n1%n%s%n%n127.0.0.1%n  1234567 1%nready%n"
                            .formatted(stranger.pid(), data.resolve("postgres"), 5432));
            try (var postgres = LocalPostgres.start(data, PROGRAMS);
                    var connection = connect(postgres)) {
                assertThat(text(connection, "select 1")).isEqualTo("1");
            }
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void a_broken_configuration_is_reported_with_its_line_and_the_log() throws Exception {
        BackupByHand.copy(made, data);
        Files.writeString(data.resolve("postgres/postgresql.conf"), "shared_bufers = 1GB\n");
        assertThatExceptionOfType(LocalPostgresFailure.class)
                .isThrownBy(() -> LocalPostgres.start(data, PROGRAMS))
                .withMessageContaining("postgresql.conf")
                .withMessageContaining("shared_bufers")
                .withMessageContaining(data.toRealPath().resolve("postgres.log").toString());
        Files.writeString(data.resolve("postgres/postgresql.conf"), "");
        LocalPostgres.start(data, PROGRAMS).close();
    }

    @Test
    void begins_a_new_log_when_the_old_one_is_large() throws IOException {
        BackupByHand.copy(made, data);
        Files.write(data.resolve("postgres.log"), new byte[11 * 1024 * 1024]);
        LocalPostgres.start(data, PROGRAMS).close();
        assertThat(Files.size(data.resolve("postgres.log"))).isLessThan(100_000);
        assertThat(Files.size(data.resolve("postgres.log.1"))).isGreaterThan(10_000_000);
    }

    static Connection connect(LocalPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    static String text(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            assertThat(row.next()).as(sql).isTrue();
            return row.getString(1);
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int portOf(LocalPostgres postgres) {
        return URI.create(postgres.jdbcUrl().substring("jdbc:".length())).getPort();
    }
}
