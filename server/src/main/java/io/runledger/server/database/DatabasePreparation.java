package io.runledger.server.database;

import io.runledger.command.store.LedgerSchema;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.ViewSchema;
import io.runledger.server.access.AccessSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a database ready for the ledger: checks that it keeps what it confirms, then brings the schemas up to date. */
final class DatabasePreparation {

    /** The role under which the ledger works: it may add events, and may neither change nor delete them. */
    static final String APPLICATION_ROLE = "runledger_app";

    private static final Logger LOG = LoggerFactory.getLogger(DatabasePreparation.class);
    private static final int OLDEST_VERSION = 150_000;

    // Flyway lets one node migrate a schema at a time, but neither what follows a migration nor what comes before it.
    private static final String TURN = "select pg_advisory_lock(hashtextextended('runledger preparation', 0))";

    private DatabasePreparation() {}

    /** Whether the application role could be had; without it only the trigger guards the events. */
    static boolean prepare(DatabaseLogin login, Duration patience) {
        DataSource owner = login.owner();
        Patience.await(patience, () -> check(owner), "PostgreSQL (" + login + ")");
        try (Connection turn = owner.getConnection();
                Statement statement = turn.createStatement()) {
            statement.execute(TURN);
            boolean hasRole = ensureRole(owner, APPLICATION_ROLE, "only a trigger keeps events from being changed");
            ensureRole(owner, ProjectReader.ROLE, "only the ledger's own statements keep projects apart");
            LedgerSchema.migrate(owner);
            ViewSchema.migrate(owner);
            AccessSchema.migrate(owner);
            return hasRole;
        } catch (SQLException e) {
            throw new DatabaseUnfit("PostgreSQL (" + login + ") could not be made ready: " + e.getMessage(), e);
        }
    }

    private static void check(DataSource owner) throws SQLException {
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            if (Integer.parseInt(show(statement, "server_version_num")) < OLDEST_VERSION) {
                throw new DatabaseUnfit("PostgreSQL " + show(statement, "server_version")
                        + " is too old: the ledger needs 15 or newer.");
            }
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                if (show(statement, setting).equals("off")) {
                    throw new DatabaseUnfit("This PostgreSQL has " + setting
                            + " = off: it would lose what it confirmed. Switch it on, then start the ledger again.");
                }
            }
        }
    }

    private static String show(Statement statement, String setting) throws SQLException {
        try (ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    private static boolean ensureRole(DataSource owner, String role, String otherwise) {
        // Until 15 a member could always take a role on.
        String sql = """
                do $$ begin
                    if not exists (select from pg_roles where rolname = '%1$s') then
                        create role %1$s nologin;
                    end if;
                    if not pg_has_role(current_user, '%1$s',
                        case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end) then
                        execute format('grant %1$s to %%I', current_user);
                    end if;
                exception when duplicate_object or unique_violation then null;
                end $$""".formatted(role);
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            statement.execute("set role " + role);
            return true;
        } catch (SQLException e) {
            LOG.warn(
                    "Working without the role {}, so {}. Have an administrator run: create role {} nologin; grant {} to"
                            + " <the ledger's user>; ({})",
                    role,
                    otherwise,
                    role,
                    role,
                    e.getMessage());
            return false;
        }
    }
}
