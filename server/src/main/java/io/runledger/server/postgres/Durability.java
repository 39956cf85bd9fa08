package io.runledger.server.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings without which "acknowledged" would not mean "kept"; asked of the running server, not of a file. */
final class Durability {

    private static final Map<String, String> REQUIRED = Map.of(
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "data_checksums", "on",
            "listen_addresses", "127.0.0.1",
            "password_encryption", "scram-sha-256",
            "server_encoding", "UTF8");

    private Durability() {}

    static void verify(Connection connection) throws SQLException {
        var wrong = differences(settings(connection));
        if (!wrong.isEmpty()) {
            throw new LocalPostgresFailure("PostgreSQL is not set up to keep what it confirms: %s. ".formatted(wrong)
                    + remedy(wrong.contains("data_checksums")));
        }
    }

    /** What differs, in words, in alphabetical order; empty if all is well. */
    static String differences(Map<String, String> settings) {
        return REQUIRED.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(required -> !required.getValue().equals(settings.get(required.getKey())))
                .map(required -> "%s is %s and must be %s"
                        .formatted(required.getKey(), settings.get(required.getKey()), required.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, String> settings(Connection connection) throws SQLException {
        var settings = new LinkedHashMap<String, String>();
        try (var statement = connection.createStatement()) {
            for (var name : REQUIRED.keySet()) {
                try (var row = statement.executeQuery("show " + name)) {
                    row.next();
                    settings.put(name, row.getString(1));
                }
            }
        }
        return settings;
    }

    private static String remedy(boolean checksums) {
        return checksums
                ? "Stop the server and run pg_checksums --enable, or restore a backup into a new cluster."
                : "Reset them: alter role %1$s reset all; alter database %2$s reset all."
                        .formatted(Login.ROLE, Login.DATABASE);
    }
}
