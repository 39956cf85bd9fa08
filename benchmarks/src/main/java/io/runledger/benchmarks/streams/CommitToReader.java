package io.runledger.benchmarks.streams;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Ledger.Feed;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.commands.Clients;
import io.runledger.benchmarks.commands.Clients.Caller;
import io.runledger.benchmarks.commands.LifecycleOverHttp;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;

/**
 * W6: from the moment at which a commit is sent until a reader has the event, by SSE and by LISTEN with a select; at an
 * easy pace, and at half of what as many clients reach that do not wait.
 */
public final class CommitToReader implements Workload {

    private static final int CLIENTS = 32;
    private static final int EASY_PER_SECOND = 100;
    private static final int WARMING_ROUNDS = 2;
    private static final int LISTEN_MILLIS = 1_000;

    /** Written by the ledger just before it sends the commit; client and ledger share the machine's clock. */
    private static final Pattern RECORDED = Pattern.compile("\"recorded_at\":\"([^\"]+)\"");

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public String description() {
        return "From sending the commit of an event until a reader of the whole project has it; commits of " + CLIENTS
                + " clients, evenly.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        Duration length = Duration.ofSeconds(stage.settings().seconds());
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists bare_stream (position bigint generated always as identity"
                    + " primary key, payload json not null, sent_nanos bigint not null)");
        }
        String series = Long.toString(database.number("select count(*) from ledger.event"), 36);
        LifecycleOverHttp.warm(stage, length, series);
        double most = 0;
        for (int round = 0; round < WARMING_ROUNDS; round++) {
            stream(stage, series, EASY_PER_SECOND, length);
            most = Clients.run(CLIENTS, length, () -> LifecycleOverHttp.living(ledger, series))
                    .perSecond();
        }
        List<Measurement> measurements = new ArrayList<>();
        for (long perSecond : List.of((long) EASY_PER_SECOND, Math.round(most / 2))) {
            measurements.add(Measurement.alternating(
                    "one reader, " + perSecond + " commits a second",
                    stage.settings().rounds(),
                    () -> stream(stage, series, perSecond, length),
                    () -> listen(database, perSecond, length)));
            stage.tell(measurements.getLast().toString());
        }
        return measurements;
    }

    private static int callsEach(long perSecond, Duration length) {
        return (int) Math.max(1, perSecond * length.toSeconds() / CLIENTS);
    }

    private static Sample stream(Stage stage, String series, long perSecond, Duration length) throws Exception {
        int calls = callsEach(perSecond, length);
        Ledger ledger = stage.ledger();
        long head = stage.database().number("select coalesce(max(position), 0) from ledger.event");
        long begun = System.nanoTime();
        try (ExecutorService reader = Executors.newSingleThreadExecutor();
                Feed feed = ledger.events(head)) {
            Future<long[]> latencies = reader.submit(() -> read(feed, calls * CLIENTS));
            Clients.pace(CLIENTS, calls, perSecond, () -> LifecycleOverHttp.living(ledger, series));
            return Sample.of(latencies.get(), System.nanoTime() - begun);
        }
    }

    /** The latencies of the next so many events; there are more of them than commands. */
    private static long[] read(Feed feed, int count) {
        return feed.lines()
                .filter(line -> line.startsWith("data:"))
                .mapToLong(line -> {
                    Instant now = Instant.now();
                    Matcher recorded = RECORDED.matcher(line);
                    if (!recorded.find()) {
                        throw new IllegalStateException(line);
                    }
                    return Duration.between(Instant.parse(recorded.group(1)), now)
                            .toNanos();
                })
                .limit(count)
                .toArray();
    }

    private static Sample listen(Database database, long perSecond, Duration length) throws Exception {
        int calls = callsEach(perSecond, length);
        long begun = System.nanoTime();
        try (Connection listener = database.connect();
                Statement listen = listener.createStatement();
                ExecutorService reader = Executors.newSingleThreadExecutor()) {
            listen.execute("listen bare_stream");
            long last = database.number("select coalesce(max(position), 0) from bare_stream");
            AtomicBoolean told = new AtomicBoolean();
            Future<long[]> latencies = reader.submit(() -> listen(listener, last, calls * CLIENTS, told::get));
            Clients.pace(CLIENTS, calls, perSecond, () -> new Teller(database.connect()));
            told.set(true);
            return Sample.of(latencies.get(), System.nanoTime() - begun);
        }
    }

    /** Commits and tells of it. */
    private record Teller(Connection connection, PreparedStatement insert) implements Caller {

        Teller(Connection connection) throws SQLException {
            this(
                    connection,
                    connection.prepareStatement("with told as materialized (select pg_notify('bare_stream', ''))"
                            + " insert into bare_stream (payload, sent_nanos) select cast(? as json), ? from told"));
        }

        @Override
        public void call() throws SQLException {
            insert.setString(1, "{\"target\":\"task:stream\",\"input\":\"" + "x".repeat(300) + "\"}");
            insert.setLong(2, System.nanoTime());
            insert.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    /** A reader by hand passes by what is committed after a later position: at the end it has not got all. */
    private static long[] listen(Connection listener, long last, int count, BooleanSupplier toldAll)
            throws SQLException {
        long[] nanos = new long[count];
        long position = last;
        int read = 0;
        PGConnection notified = listener.unwrap(PGConnection.class);
        try (PreparedStatement select = listener.prepareStatement(
                "select position, payload, sent_nanos from bare_stream where position > ? order by position")) {
            while (read < count) {
                boolean isLast = toldAll.getAsBoolean();
                if (Objects.requireNonNullElse(notified.getNotifications(LISTEN_MILLIS), new Object[0]).length == 0) {
                    if (isLast) {
                        break;
                    }
                    continue;
                }
                select.setLong(1, position);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next() && read < count) {
                        position = row.getLong(1);
                        row.getString(2);
                        nanos[read++] = System.nanoTime() - row.getLong(3);
                    }
                }
            }
        }
        return Arrays.copyOf(nanos, read);
    }
}
