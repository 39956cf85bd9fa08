package io.runledger.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.server.story.Figures;
import io.runledger.server.stream.SseClient.Message;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a client of the streams may rely on. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(120)
class EventStreamIT {

    private static final boolean THOROUGH = Figures.isThorough();

    private static final int PLACES = THOROUGH ? 2_010 : 310;

    // Readers that never read, that read far too slowly, and that keep up, at the same time.
    private static final int STALLED = THOROUGH ? 100 : 30;
    private static final int TRICKLING = THOROUGH ? 50 : 10;
    private static final int HEALTHY = THOROUGH ? 350 : 20;
    private static final int BESIDE_SLOW = THOROUGH ? 200 : 20;

    // If each slow reader had its own copy of the event that it does not read, they alone would take more.
    private static final long HEAP_OF_READERS = (THOROUGH ? 128 : 32) << 20;

    private static final StreamServer SERVER = new StreamServer(
            "streams",
            Map.of(
                    "RUNLEDGER_STREAMS_HEARTBEAT", "1s",
                    "RUNLEDGER_STREAMS_PATIENCE", "3s",
                    "RUNLEDGER_LIMITS_STREAMS", "" + PLACES));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    @Order(1)
    void the_stream_of_a_run_is_its_history_then_live_and_ends_with_the_run() throws IOException {
        String run = SERVER.startedRun();
        try (SseClient client = SERVER.follow("/v1/runs/" + run + "/events")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.headers())
                    .anyMatch(header -> header.equalsIgnoreCase("Cache-Control: no-store"))
                    .anyMatch(header -> header.equalsIgnoreCase("X-Accel-Buffering: no"))
                    .anyMatch(header -> header.startsWith("Content-Type: text/event-stream"));
            List<Message> seen = new ArrayList<>(List.of(client.next(), client.next(), client.next()));
            SERVER.note(run, "half");
            seen.add(client.next());
            SERVER.succeed("/v1/runs/" + run + "/complete", "{\"output\": {\"big\": 12345678901234567890.50}}");
            seen.add(client.next());
            assertThat(client.next()).isNull();
            assertThat(client.comments().getLast()).isEqualTo("the run has ended");
            assertThat(seen).extracting(Message::id).containsExactly(0L, 1L, 2L, 3L, 4L);
            assertThat(seen)
                    .extracting(Message::event)
                    .containsExactly("run.created", "run.queued", "run.started", "run.progressed", "run.succeeded");
            assertThat(seen.getLast().data()).contains("12345678901234567890.50");
            JsonNode page = SERVER.json("/v1/runs/" + run + "/events");
            assertThat(seen)
                    .extracting(message -> StreamServer.JSON.readTree(message.data()))
                    .isEqualTo(page.get("data").valueStream().toList());
        }
        try (SseClient again = SERVER.follow("/v1/runs/" + run + "/events?type=run.s*&after=0")) {
            assertThat(again.next().event()).isEqualTo("run.started");
            assertThat(again.next().event()).isEqualTo("run.succeeded");
            assertThat(again.next()).isNull();
        }
        try (SseClient done = SERVER.follow("/v1/runs/" + run + "/events", "Last-Event-ID: 4")) {
            assertThat(done.status()).isEqualTo(204);
        }
        try (SseClient known = SERVER.follow("/v1/runs/" + run + "/events?after=0", "Last-Event-ID: 3")) {
            assertThat(known.next().id()).isEqualTo(4);
        }
    }

    @Test
    @Order(2)
    void a_run_that_failed_and_was_resumed_is_followed_on() throws IOException {
        String run = SERVER.startedRun();
        SERVER.succeed("/v1/runs/" + run + "/fail", "{\"error\": {\"code\": \"broken\", \"message\": \"no\"}}");
        SERVER.succeed("/v1/runs/" + run + "/resume", "{}");
        try (SseClient client = SERVER.follow("/v1/runs/" + run + "/events?type=run.resumed&type=run.cancelled")) {
            assertThat(client.next().event()).isEqualTo("run.resumed");
            SERVER.succeed("/v1/runs/" + run + "/cancel", "{}");
            assertThat(client.next().event()).isEqualTo("run.cancelled");
            assertThat(client.next()).isNull();
        }
    }

    @Test
    @Order(3)
    void a_wrong_request_is_refused_before_the_stream_begins() {
        String run = SERVER.startedRun();
        for (String path : List.of(
                "/v1/events?limit=3",
                "/v1/events?type=a*b",
                "/v1/events?status=x",
                "/v1/runs/" + run + "/events?id=x")) {
            try (SseClient client = SERVER.follow(path)) {
                assertThat(client.status()).as(path).isEqualTo(400);
            }
        }
        try (SseClient client = SERVER.follow("/v1/events", "Last-Event-ID: x")) {
            assertThat(client.status()).isEqualTo(400);
        }
        try (SseClient client = SERVER.follow("/v1/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/events")) {
            assertThat(client.status()).isEqualTo(404);
        }
    }

    @Test
    @Order(4)
    void the_feed_can_be_limited_to_runs_and_types_and_says_that_it_is_alive() throws IOException {
        String first = StreamServer.JSON
                .readTree(SERVER.succeed("/v1/runs", "{\"target\": \"task:a\", \"key\": \"feed/1\"}"))
                .get("id")
                .asString();
        String other = SERVER.startedRun();
        try (SseClient feed = SERVER.follow("/v1/events?run_id=" + first + "&id=" + other + "&type=run.c*")) {
            assertThat(feed.next().event()).isEqualTo("run.created");
            assertThat(feed.next().event()).isEqualTo("run.created");
            SERVER.startedRun();
            SERVER.succeed("/v1/runs/" + other + "/cancel", "{}");
            Message last = feed.next();
            assertThat(last.event()).isEqualTo("run.cancelled");
            assertThat(last.id()).isEqualTo(SERVER.head());
            Future<Message> none = Executors.newVirtualThreadPerTaskExecutor().submit(feed::next);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> List.copyOf(feed.comments()).contains("still here"));
            assertThat(none.isDone()).isFalse();
        }
        assertThat(SERVER.json("/v1/events?key=feed/1&type=run.*").get("data")).hasSize(2);
        assertThat(SERVER.json("/v1/events?key=feed/1&id=" + other).get("data")).isEmpty();
    }

    @Test
    @Order(4)
    void the_feed_of_some_runs_is_followed_and_continued_like_any_other() throws IOException {
        String path = "/v1/events?label.team=x&status=active&status=succeeded";
        long known = SERVER.head();
        List<Long> seen = new ArrayList<>();
        for (int visit = 0; visit < 4; visit++) {
            try (SseClient feed = SERVER.follow(path, "Last-Event-ID: " + known)) {
                for (int i = 0; i < 5; i++) {
                    SERVER.startedRun();
                    String run = StreamServer.JSON
                            .readTree(SERVER.succeed(
                                    "/v1/runs", "{\"target\": \"task:a\", \"labels\": {\"team\": \"x\"}}"))
                            .get("id")
                            .asString();
                    SERVER.succeed("/v1/runs/" + run + "/start", "{}");
                    SERVER.succeed("/v1/runs/" + run + "/complete", "{}");
                }
                // Each run has four events; some of the last ones are left for the next visit.
                while (seen.size() < visit * 20 + 17) {
                    known = feed.next().id();
                    seen.add(known);
                }
            }
        }
        List<Long> all = SERVER.json("/v1/events?label.team=x&limit=1000")
                .get("data")
                .valueStream()
                .map(event -> event.get("position").asLong())
                .toList();
        assertThat(all).hasSize(80);
        assertThat(seen).isEqualTo(all.subList(0, 77));
    }

    @Test
    @Order(5)
    void pages_come_as_cloud_events_too() {
        String run = SERVER.startedRun();
        HttpResponse<String> first = SERVER.get(
                "/v1/runs/" + run + "/events?limit=2&type=run.*", "Accept", "application/cloudevents-batch+json");
        assertThat(first.headers().firstValue("Content-Type")).hasValue("application/cloudevents-batch+json");
        assertThat(first.headers().firstValue("Link").orElseThrow())
                .contains("/v1/runs/" + run + "/events?")
                .contains("after=1")
                .contains("rel=\"next\"");
        JsonNode batch = StreamServer.JSON.readTree(first.body());
        JsonNode plain = SERVER.json("/v1/runs/" + run + "/events").get("data");
        assertThat(batch).hasSize(2);
        JsonNode event = batch.get(1);
        assertThat(event.get("specversion").asString()).isEqualTo("1.0");
        assertThat(event.get("id")).isEqualTo(plain.get(1).get("id"));
        assertThat(event.get("source").asString()).isEqualTo("/projects/default");
        assertThat(event.get("type").asString()).isEqualTo("run.queued");
        assertThat(event.get("subject").asString()).isEqualTo(run);
        assertThat(event.get("time")).isEqualTo(plain.get(1).get("occurred_at"));
        assertThat(event.get("recordedtime")).isEqualTo(plain.get(1).get("recorded_at"));
        assertThat(event.get("sequence").asString()).isEqualTo("0000000000000000001");
        assertThat(event.get("data")).isEqualTo(plain.get(1).get("payload"));
        assertThat(event.propertyNames()).allMatch(name -> name.matches("[a-z0-9]{1,20}"));
        HttpResponse<String> feed = SERVER.get(
                "/v1/events?run_id=" + run + "&after=" + plain.get(1).get("position"),
                "Accept",
                "application/cloudevents-batch+json");
        assertThat(StreamServer.JSON.readTree(feed.body())).hasSize(1);
        assertThat(feed.headers().firstValue("Link")).isEmpty();
    }

    @Test
    @Order(6)
    void an_export_is_complete_and_can_be_continued() {
        long before = SERVER.head();
        String run = SERVER.startedRun();
        String lines = IntStream.range(0, THOROUGH ? 100_000 : 3_000)
                .mapToObj(i -> "{\"command\": \"progress\", \"run\": \"" + run + "\", \"message\": \"" + i + "\"}\n")
                .collect(java.util.stream.Collectors.joining());
        assertThat(SERVER.succeed("/v1/commands", lines)).contains("\"refused\":0");
        String[] exported = SERVER.get("/v1/export?after=" + before, "Accept", "application/x-ndjson")
                .body()
                .split("\n");
        JsonNode end = StreamServer.JSON.readTree(exported[exported.length - 1]);
        assertThat(end.get("end").asBoolean()).isTrue();
        assertThat(end.get("events").asInt()).isEqualTo(exported.length - 1);
        long[] sequences = java.util.Arrays.stream(exported, 0, exported.length - 1)
                .mapToLong(
                        line -> StreamServer.JSON.readTree(line).get("sequence").asLong())
                .toArray();
        assertThat(sequences).isEqualTo(LongStream.range(0, sequences.length).toArray());
        assertThat(sequences.length).isGreaterThan(3_000);
        String rest = SERVER.get(
                        "/v1/export?what=events&after=" + end.get("next").asLong(), "Accept", "application/x-ndjson")
                .body();
        assertThat(StreamServer.JSON.readTree(rest).get("events").asInt()).isZero();
        assertThat(SERVER.get("/v1/export?what=everything", "Accept", "application/x-ndjson")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    @Order(7)
    void readers_that_never_read_are_dropped_and_disturb_nobody() throws Exception {
        String heavy = SERVER.startedRun();
        long before = SERVER.head();
        String large = "x".repeat(900_000);
        for (int i = 0; i < 10; i++) {
            SERVER.succeed("/v1/runs/" + heavy + "/events", "{\"type\": \"large\", \"payload\": \"" + large + "\"}");
        }
        long heapBefore = SERVER.process().liveHeap();
        long heapMost = 0;
        List<SseClient> slow = IntStream.range(0, STALLED + TRICKLING)
                .mapToObj(_ -> new SseClient(SERVER.port(), "/v1/events?after=" + before, 4 << 10))
                .toList();
        String run = SERVER.startedRun();
        List<Future<List<Long>>> healthy = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
                ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor()) {
            for (SseClient client : slow.subList(STALLED, slow.size())) {
                var _ = pace.scheduleAtFixedRate(() -> client.discard(1 << 10), 0, 1, TimeUnit.SECONDS);
            }
            long[] begun = new long[BESIDE_SLOW];
            CountDownLatch following = new CountDownLatch(HEALTHY);
            for (int i = 0; i < HEALTHY; i++) {
                healthy.add(readers.submit(() -> lags(run, begun, following)));
            }
            assertThat(following.await(60, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < BESIDE_SLOW; i++) {
                begun[i] = System.nanoTime();
                SERVER.note(run, "n" + i);
                if (i % (BESIDE_SLOW / 2) == 0) {
                    heapMost = Math.max(heapMost, SERVER.process().liveHeap());
                }
            }
            List<Long> micros = new ArrayList<>();
            for (Future<List<Long>> each : healthy) {
                micros.addAll(each.get(60, TimeUnit.SECONDS));
            }
            Figures.print(
                    "beside %d readers that do not read and %d that read 1 kB/s, %d others: asked to write to read p99"
                            + " %.0f ms, worst %.0f ms; after a collection at most %d MiB more heap",
                    STALLED,
                    TRICKLING,
                    HEALTHY,
                    Figures.percentile(micros, 99) / 1e3,
                    Figures.percentile(micros, 100) / 1e3,
                    Math.max(0, heapMost - heapBefore) >> 20);
            assertThat(heapMost - heapBefore).isLessThan(HEAP_OF_READERS);
        }
        // When all places can be taken, the slow ones are gone.
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ofSeconds(3))
                .pollInterval(Duration.ofSeconds(3))
                .until(() -> places(PLACES).stream().allMatch(status -> status == 200));
        slow.subList(STALLED, slow.size()).forEach(SseClient::close);
        for (SseClient client : slow.subList(0, STALLED)) {
            try (client) {
                assertThatThrownBy(() -> {
                            while (client.next() != null) {
                                // What had been sent before can still be read.
                            }
                        })
                        .isInstanceOf(IOException.class);
            }
        }
    }

    /** How long each of these notes took to come, in microseconds; none is missing, and they are in order. */
    private static List<Long> lags(String run, long[] begun, CountDownLatch following) throws IOException {
        List<Long> micros = new ArrayList<>();
        try (SseClient client = SERVER.follow("/v1/runs/" + run + "/events?after=2")) {
            following.countDown();
            for (int i = 0; i < begun.length; i++) {
                assertThat(client.next().id()).isEqualTo(3 + i);
                micros.add((System.nanoTime() - begun[i]) / 1_000);
            }
        }
        return micros;
    }

    private static List<Integer> places(int count) {
        List<SseClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                clients.add(SERVER.follow("/v1/events?after=999999999"));
            }
            return clients.stream().map(SseClient::status).toList();
        } finally {
            clients.forEach(SseClient::close);
        }
    }

    @Test
    @Order(8)
    void more_streams_than_allowed_are_asked_to_come_back() {
        List<SseClient> clients = new ArrayList<>();
        try {
            while (clients.isEmpty() || clients.getLast().status() == 200) {
                assertThat(clients.size()).isLessThan(5_000);
                clients.add(SERVER.follow("/v1/events?after=999999999"));
            }
            assertThat(clients.getLast().status()).isEqualTo(503);
            assertThat(clients.getLast().headers()).anyMatch(header -> header.startsWith("Retry-After:"));
        } finally {
            clients.forEach(SseClient::close);
        }
    }

    @Test
    @Order(9)
    void a_crash_of_postgresql_does_not_break_the_stream() throws IOException {
        String run = SERVER.startedRun();
        try (SseClient feed = SERVER.follow("/v1/events?after=" + SERVER.head());
                SseClient other = SERVER.follow("/v1/runs/" + run + "/events?after=2")) {
            SERVER.note(run, "before");
            assertThat(other.next().id()).isEqualTo(3);
            long known = feed.next().id();
            SERVER.crashPostgres();
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> SERVER.post("/v1/runs/" + run + "/progress", "{\"message\": \"after\"}")
                                    .statusCode()
                            == 200);
            Message after = feed.next();
            assertThat(after.data()).contains("\"after\"");
            assertThat(other.next().id()).isEqualTo(4);
            try (SseClient again = SERVER.follow("/v1/events", "Last-Event-ID: " + known)) {
                assertThat(again.next()).isEqualTo(after);
            }
        }
    }

    @Test
    @Order(10)
    void many_idle_streams_all_hear_of_one_event_and_the_server_stops_at_once() throws Exception {
        int many = THOROUGH ? 2_000 : 300;
        String run = SERVER.startedRun();
        long head = SERVER.head();
        List<SseClient> clients = new ArrayList<>();
        // Those of other tests are noticed to be gone when the server next speaks to them.
        await().atMost(Duration.ofSeconds(15)).until(() -> {
            while (clients.size() < many) {
                SseClient client = SERVER.follow("/v1/events?after=" + head);
                if (client.status() != 200) {
                    client.close();
                    return false;
                }
                clients.add(client);
            }
            return true;
        });
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> heard = clients.stream()
                    .map(client -> readers.submit(() -> {
                        client.next();
                        return System.nanoTime();
                    }))
                    .toList();
            long begun = System.nanoTime();
            SERVER.note(run, "to all");
            List<Long> millis = new ArrayList<>();
            for (Future<Long> each : heard) {
                millis.add((each.get() - begun) / 1_000_000);
            }
            Figures.print(
                    "%d idle streams: one event reached all within %d ms",
                    many, millis.stream().max(Long::compare).get());
            long stopping = System.nanoTime();
            List<Future<SseClient>> ends = clients.stream()
                    .map(client -> readers.submit(() -> {
                        assertThat(client.next()).isNull();
                        return client;
                    }))
                    .toList();
            SERVER.close();
            Duration took = Duration.ofNanos(System.nanoTime() - stopping);
            Figures.print("stopped with %d open streams in %d ms", many, took.toMillis());
            for (Future<SseClient> end : ends) {
                assertThat(end.get().comments().getLast()).startsWith("this node is stopping");
                end.get().close();
            }
        }
    }
}
