package io.runledger.server.database;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits at the start for a database that is starting too. */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private Patience() {}

    interface Attempt {
        void run() throws SQLException;
    }

    /** Tries until it works; gives up after so long, or at once when waiting would not help. */
    static void await(Duration patience, Attempt attempt, String what) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean told = false;
        while (true) {
            try {
                attempt.run();
                return;
            } catch (SQLException e) {
                if (!mayPass(e) || System.nanoTime() > deadline) {
                    throw new DatabaseUnfit(
                            what + " cannot be used: " + e.getMessage()
                                    + " Check RUNLEDGER_DATABASE_URL, _USER and _PASSWORD.",
                            e);
                }
                if (!told) {
                    LOG.info("Waiting for {}: {}", what, e.getMessage());
                    told = true;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Connection trouble and "starting up" pass; a wrong password or a missing database does not. */
    private static boolean mayPass(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
