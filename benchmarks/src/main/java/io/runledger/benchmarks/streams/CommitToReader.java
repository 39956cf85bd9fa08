package io.runledger.benchmarks.streams;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Settings;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/** W6: from the moment at which a commit is sent until a reader has the event, by SSE and by LISTEN with a select. */
public final class CommitToReader implements Workload {

    private static final int PER_SECOND = 100;
    private static final int LISTEN_MILLIS = 1_000;

    /** Written by the ledger just before it sends the commit; client and ledger share the machine's clock. */
    private static final Pattern RECORDED = Pattern.compile("\"recorded_at\":\"([^\"]+)\"");

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public String description() {
        return "From sending the commit of an event until a reader has it, at " + PER_SECOND + " commits a second.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        Settings settings = stage.settings();
        int count = settings.seconds() * PER_SECOND;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists bare_stream (position bigint generated always as identity"
                    + " primary key, payload json not null, sent_nanos bigint not null)");
        }
        stream(ledger, count);
        return List.of(Measurement.alternating(
                "one reader", settings.rounds(), () -> stream(ledger, count), () -> listen(database, count)));
    }

    private static Sample stream(Ledger ledger, int count) throws Exception {
        long begun = System.nanoTime();
        try (HttpClient http = HttpClient.newHttpClient();
                ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpResponse<Stream<String>> feed = http.send(
                    ledger.request("/v1/events")
                            .header("accept", "text/event-stream")
                            .build(),
                    BodyHandlers.ofLines());
            Future<long[]> latencies = reader.submit(() -> read(feed, count));
            write(count, () -> {
                Ledger.send(
                        http,
                        ledger.request("/v1/runs")
                                .header("content-type", "application/json")
                                .POST(BodyPublishers.ofString(
                                        "{\"target\":\"task:stream\",\"input\":\"" + "x".repeat(300) + "\"}"))
                                .build());
                return true;
            });
            return Sample.of(latencies.get(), System.nanoTime() - begun);
        }
    }

    /** The latencies of so many creations that come after the stream was opened. */
    private static long[] read(HttpResponse<Stream<String>> feed, int count) {
        Instant opened = Instant.now();
        try (Stream<String> lines = feed.body()) {
            return lines.filter(line -> line.startsWith("data:") && line.contains("\"run.created\""))
                    .mapToLong(line -> {
                        Instant now = Instant.now();
                        Matcher recorded = RECORDED.matcher(line);
                        if (!recorded.find()) {
                            throw new IllegalStateException(line);
                        }
                        Instant at = Instant.parse(recorded.group(1));
                        return at.isBefore(opened)
                                ? -1
                                : Duration.between(at, now).toNanos();
                    })
                    .filter(nanos -> nanos >= 0)
                    .limit(count)
                    .toArray();
        }
    }

    private static Sample listen(Database database, int count) throws Exception {
        long begun = System.nanoTime();
        try (Connection writer = database.connect();
                Connection listener = database.connect();
                Statement listen = listener.createStatement();
                PreparedStatement insert = writer.prepareStatement(
                        "with told as materialized (select pg_notify('bare_stream', '')) insert into bare_stream"
                                + " (payload, sent_nanos) select cast(? as json), ? from told");
                ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
            listen.execute("listen bare_stream");
            long last = database.number("select coalesce(max(position), 0) from bare_stream");
            Future<long[]> latencies = reader.submit(() -> listen(listener, last, count));
            write(count, () -> {
                insert.setString(1, "{\"target\":\"task:stream\",\"input\":\"" + "x".repeat(300) + "\"}");
                insert.setLong(2, System.nanoTime());
                return insert.executeUpdate();
            });
            return Sample.of(latencies.get(), System.nanoTime() - begun);
        }
    }

    private static long[] listen(Connection listener, long last, int count) throws SQLException {
        long[] nanos = new long[count];
        long position = last;
        int read = 0;
        PGConnection notified = listener.unwrap(PGConnection.class);
        try (PreparedStatement select = listener.prepareStatement(
                "select position, payload, sent_nanos from bare_stream where position > ? order by position")) {
            while (read < count) {
                if (Objects.requireNonNullElse(notified.getNotifications(LISTEN_MILLIS), new Object[0]).length == 0) {
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
        return nanos;
    }

    /** One at a time, at an even pace; late ones are made up for. */
    private static void write(int count, Callable<?> commit) throws ExecutionException, InterruptedException {
        int[] left = {count};
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            Future<?> ticking = clock.scheduleAtFixedRate(
                    () -> {
                        if (left[0]-- == 0) {
                            clock.shutdown();
                            return;
                        }
                        try {
                            commit.call();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    0,
                    1_000_000 / PER_SECOND,
                    TimeUnit.MICROSECONDS);
            clock.awaitTermination(1, TimeUnit.HOURS);
            if (!ticking.isCancelled()) {
                ticking.get();
            }
        }
    }
}
