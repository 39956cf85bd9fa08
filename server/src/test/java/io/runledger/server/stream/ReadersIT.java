package io.runledger.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.Figures;
import io.runledger.server.stream.SseClient.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Two hundred readers that come and go while the ledger is written: each sees every event once, in order, and soon. */
@Timeout(240)
class ReadersIT {

    private static final Duration WRITING = Duration.ofSeconds(Figures.isThorough() ? 60 : 5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int RUNS = 20;
    private static final int READERS = 200;
    private static final long SEED = 20261122;

    /** One reader, over all its connections. */
    private record Reader(
            StreamServer server, String path, long after, Random random, List<Long> ids, List<Long> micros) {

        /** Follows until the stream ends by itself, or this id was seen. */
        Reader follow(long last) {
            long known = after;
            boolean live = true;
            while (live) {
                // The first events after coming back are history, whose age says nothing.
                int stay = 5 + random.nextInt(200);
                try (SseClient client = server.follow(path, "Last-Event-ID: " + known)) {
                    if (client.status() == 204) {
                        return this;
                    }
                    assertThat(client.status()).isEqualTo(200);
                    for (int i = 0; i < stay && live; i++) {
                        Message message = client.next();
                        live = message != null && message.id() < last;
                        if (message != null) {
                            known = message.id();
                            ids.add(known);
                            if (i > 3) {
                                micros.add(age(message));
                            }
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return this;
        }

        private static long age(Message message) {
            String recorded = StreamServer.JSON
                    .readTree(message.data())
                    .get("recorded_at")
                    .asString();
            return Duration.between(Instant.parse(recorded), Instant.now()).toNanos() / 1_000;
        }
    }

    @Test
    void each_sees_every_event_exactly_once_and_in_order() throws Exception {
        try (StreamServer server = new StreamServer("readers", Map.of());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> runs =
                    IntStream.range(0, RUNS).mapToObj(_ -> server.startedRun()).toList();
            long start = server.head();
            long end = start + written(RUNS);
            List<Future<Reader>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Random random = new Random(SEED + i);
                boolean feed = i % 4 == 0;
                String path = feed ? "/v1/events" : "/v1/runs/" + runs.get(i % RUNS) + "/events";
                Reader reader =
                        new Reader(server, path, feed ? start : -1, random, new ArrayList<>(), new ArrayList<>());
                long last = feed ? end : Long.MAX_VALUE;
                readers.add(threads.submit(() -> reader.follow(last)));
            }
            try {
                write(server, runs);
                assertThat(server.head()).isEqualTo(end);
            } catch (Throwable e) {
                threads.shutdownNow();
                throw e;
            }
            List<Long> feed = new ArrayList<>();
            for (long position = start + 1; position <= end; position++) {
                feed.add(position);
            }
            List<Long> micros = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Reader reader = readers.get(i).get(60, TimeUnit.SECONDS);
                List<Long> expected = i % 4 == 0 ? feed : sequences(server, runs.get(i % RUNS));
                assertThat(reader.ids()).as("reader %d of %s", i, reader.path()).isEqualTo(expected);
                micros.addAll(reader.micros());
            }
            // The goal is 20 and 100 ms.
            Figures.print(
                    "%d readers, %d deliveries: recorded to read: median %.1f ms, p99 %.1f ms, worst %.1f ms",
                    READERS,
                    micros.size(),
                    Figures.percentile(micros, 50) / 1e3,
                    Figures.percentile(micros, 99) / 1e3,
                    Figures.percentile(micros, 100) / 1e3);
        }
    }

    private static long rounds() {
        return WRITING.toNanos() / PAUSE_NANOS;
    }

    /** How many events {@link #write} makes: one each time, and one end per run. */
    private static long written(int runs) {
        return rounds() + runs;
    }

    private static void write(StreamServer server, List<String> runs) throws Exception {
        Random random = new Random(SEED);
        var pace = Executors.newSingleThreadScheduledExecutor();
        try (pace) {
            var left = new java.util.concurrent.CountDownLatch((int) rounds());
            var writing = pace.scheduleAtFixedRate(
                    () -> {
                        if (left.getCount() > 0) {
                            server.note(runs.get(random.nextInt(runs.size())), "n" + left.getCount());
                            left.countDown();
                        }
                    },
                    0,
                    PAUSE_NANOS,
                    TimeUnit.NANOSECONDS);
            assertThat(left.await(WRITING.toSeconds() * 6, TimeUnit.SECONDS)).isTrue();
            writing.cancel(false);
        }
        runs.forEach(run -> server.succeed("/v1/runs/" + run + "/complete", "{}"));
    }

    private static List<Long> sequences(StreamServer server, String run) {
        List<Long> sequences = new ArrayList<>();
        for (JsonNode event :
                server.json("/v1/runs/" + run + "/events?limit=1000").get("data")) {
            sequences.add(event.get("sequence").asLong());
        }
        return sequences;
    }
}
