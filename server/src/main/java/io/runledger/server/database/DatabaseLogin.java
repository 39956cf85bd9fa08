package io.runledger.server.database;

import io.runledger.server.LedgerSettings.Database;
import java.util.Objects;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the database is and who the ledger is there; its text never shows the password. */
record DatabaseLogin(String url, String user, String password) {

    private static final int LISTENER_TIMEOUT_SECONDS = 5;

    /** The database of the settings; its URL may be written with or without {@code jdbc:}. */
    static DatabaseLogin external(Database database) {
        String url = Objects.requireNonNull(database.url()).replaceFirst("^(jdbc:)?postgres(ql)?:", "jdbc:postgresql:");
        return new DatabaseLogin(
                url,
                Objects.requireNonNullElse(database.user(), ""),
                Objects.requireNonNullElse(database.password(), ""));
    }

    /** Single connections with all of this user's rights, for bringing the schema up to date. */
    DataSource owner() {
        return single("runledger start");
    }

    /** Single connections that are told of commits; they read and write nothing. */
    DataSource listener() {
        PGSimpleDataSource listener = single("runledger signal");
        listener.setConnectTimeout(LISTENER_TIMEOUT_SECONDS);
        listener.setTcpKeepAlive(true);
        return listener;
    }

    private PGSimpleDataSource single(String applicationName) {
        PGSimpleDataSource single = new PGSimpleDataSource();
        single.setUrl(url);
        if (!user.isEmpty()) {
            single.setUser(user);
        }
        if (!password.isEmpty()) {
            single.setPassword(password);
        }
        single.setApplicationName(applicationName);
        return single;
    }

    @Override
    public String toString() {
        return user + " at " + url;
    }
}
