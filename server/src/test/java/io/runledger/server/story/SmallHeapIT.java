package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.json.JsonMapper;

/** A ledger with little memory gives away far more events than would have room in it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SmallHeapIT {

    private static final String HEAP = "200m";
    private static final int RUNS = Figures.isThorough() ? 250_000 : 5_000;
    private static final long EVENTS = 4L * RUNS;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path data;

    @Test
    void all_events_are_exported_and_streamed_while_the_view_takes_them_in() throws Exception {
        try (LocalPostgres postgres = LedgerProcess.sharedPostgres(data);
                LedgerProcess ledger = LedgerProcess.named("small-heap")
                        .heap(HEAP)
                        .with("RUNLEDGER_DATABASE_URL", postgres.jdbcUrl())
                        .with("RUNLEDGER_DATABASE_USER", postgres.user())
                        .with("RUNLEDGER_DATABASE_PASSWORD", postgres.password())
                        .start()) {
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setUrl(postgres.jdbcUrl());
            database.setUser(postgres.user());
            database.setPassword(postgres.password());
            Histories.fill(database, RUNS);

            long begun = System.nanoTime();
            try (Stream<String> lines = lines(ledger, "/v1/export?what=events", "application/x-ndjson")) {
                assertInOrder(lines.takeWhile(line -> !line.contains("\"end\""))
                        .mapToLong(line -> JSON.readTree(line).get("position").asLong())
                        .limit(EVENTS));
            }
            print("exported", begun);

            begun = System.nanoTime();
            try (Stream<String> lines = lines(ledger, "/v1/events?after=0", "text/event-stream")) {
                assertInOrder(lines.filter(line -> line.startsWith("id: "))
                        .mapToLong(line -> Long.parseLong(line.substring("id: ".length())))
                        .limit(EVENTS));
            }
            print("streamed", begun);
        }
    }

    private static void assertInOrder(LongStream positions) {
        long[] last = {0, 0};
        positions.forEach(position -> {
            assertThat(position).isGreaterThan(last[0]);
            last[0] = position;
            last[1]++;
        });
        assertThat(last[1]).isEqualTo(EVENTS);
    }

    private static Stream<String> lines(LedgerProcess ledger, String path, String form) throws Exception {
        URI uri = ledger.uri().resolve(path);
        return HTTP.send(
                        HttpRequest.newBuilder(uri)
                                .header("x-api-key", LedgerProcess.KEY)
                                .header("Accept", form)
                                .build(),
                        BodyHandlers.ofLines())
                .body();
    }

    private static void print(String what, long begun) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        Figures.print(
                "a heap of %s: %d events %s in %.1f s, %.0f a second", HEAP, EVENTS, what, seconds, EVENTS / seconds);
    }
}
