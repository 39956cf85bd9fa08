package io.runledger.server.postgres;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A server as a process of its own, for tests that kill it: prints its pids, then each number it has committed. */
final class LedgerProcess {

    private LedgerProcess() {}

    static void main(String[] arguments) throws SQLException {
        var postgres = LocalPostgres.start(Path.of(arguments[0]), Path.of(arguments[1]));
        var postmaster = postgres.postmaster();
        System.out.printf("started %d %d%n", postmaster.pid(), postmaster.shellPid());
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var create = connection.createStatement()) {
            create.execute("create table if not exists numbers (number bigint generated always as identity)");
            try (var insert = connection.prepareStatement("insert into numbers default values returning number")) {
                while (true) {
                    try (var row = insert.executeQuery()) {
                        row.next();
                        System.out.println(row.getLong(1));
                    }
                }
            }
        }
    }
}
