package io.runledger.server.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database's clock, which all nodes share. It is asked from time to time; in between a counter of this machine goes
 * on from there, one that runs evenly whatever anybody does to the machine's clock, which is never looked at.
 */
public final class DatabaseClock extends Clock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

    private final DataSource dataSource;
    private final ScheduledExecutorService asking;
    private volatile Reading reading;

    /**
     * What the clock showed when the counter stood there.
     *
     * @param uncertain by how many nanoseconds it may be wrong: half of what question and answer took
     */
    record Reading(Instant time, long nanos, long uncertain) {

        /** Two clocks drift apart by no more than one part in so many, 200 ppm. */
        private static final long DRIFT = 5_000;

        /** Read somewhere between question and answer. */
        static Reading between(long asked, Instant time, long answered) {
            long half = (answered - asked) / 2;
            return new Reading(time, asked + half, half);
        }

        Instant now() {
            return time.plusNanos(System.nanoTime() - nanos);
        }

        /** The one that can be less wrong by now: an answer that took long, since all were busy, is not believed. */
        Reading orBetter(Reading next) {
            return next.uncertain <= uncertain + (next.nanos - nanos) / DRIFT ? next : this;
        }
    }

    private DatabaseClock(DataSource dataSource) throws SQLException {
        this.dataSource = dataSource;
        this.reading = ask(dataSource);
        this.asking = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("database-clock").factory());
        long pause = ASK_AGAIN.toSeconds();
        var _ = asking.scheduleWithFixedDelay(this::askAgain, pause, pause, TimeUnit.SECONDS);
    }

    /**
     * The clock of this database.
     *
     * @throws IllegalStateException when the database does not tell the time
     */
    public static DatabaseClock on(DataSource dataSource) {
        try {
            return new DatabaseClock(dataSource);
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not tell the time", e);
        }
    }

    private static Reading ask(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            long asked = System.nanoTime();
            try (ResultSet row = statement.executeQuery("select clock_timestamp()")) {
                row.next();
                long answered = System.nanoTime();
                return Reading.between(
                        asked, row.getObject(1, OffsetDateTime.class).toInstant(), answered);
            }
        }
    }

    private void askAgain() {
        try {
            reading = reading.orBetter(ask(dataSource));
        } catch (SQLException | RuntimeException e) {
            LOG.debug("the database does not tell the time, going on without", e);
        }
    }

    @Override
    public Instant instant() {
        return reading.now();
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** Refused: the ledger knows no other zone. */
    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("the ledger's clock is in UTC");
    }

    @Override
    public void close() {
        asking.shutdownNow();
    }
}
