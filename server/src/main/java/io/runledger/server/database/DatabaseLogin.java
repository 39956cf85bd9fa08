package io.runledger.server.database;

import io.runledger.server.LedgerSettings.Database;
import java.util.Objects;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the database is and who the ledger is there; its text never shows the password. */
record DatabaseLogin(String url, String user, String password) {

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
        PGSimpleDataSource owner = new PGSimpleDataSource();
        owner.setUrl(url);
        if (!user.isEmpty()) {
            owner.setUser(user);
        }
        if (!password.isEmpty()) {
            owner.setPassword(password);
        }
        owner.setApplicationName("runledger start");
        return owner;
    }

    @Override
    public String toString() {
        return user + " at " + url;
    }
}
