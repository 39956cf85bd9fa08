package io.runledger.server.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** How the ledger itself gets into its database; its text never shows the password. */
record Login(String jdbcUrl, String user, String password) {

    static final String ROLE = "runledger";
    static final String DATABASE = "runledger";

    /** Only SCRAM: it never hands the password to a stranger who got hold of the port. */
    static Login on(int port, String password) {
        var url = "jdbc:postgresql://127.0.0.1:%d/%s?requireAuth=scram-sha-256".formatted(port, DATABASE);
        return new Login(url, ROLE, password);
    }

    Connection connect() throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("ApplicationName", "runledger start");
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    @Override
    public String toString() {
        return user + " at " + jdbcUrl;
    }
}
