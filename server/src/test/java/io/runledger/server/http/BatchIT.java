package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** A large batch from one request to its last result: how long it takes beside COPY, and what it takes of the heap. */
@RunningLedger
class BatchIT {

    private static final int ITEMS = Boolean.getBoolean("runledger.thorough") ? 100_000 : 2_000;
    private static final int INPUT_BYTES = 500;
    private static final int WARM_UP = 3;
    private static final int WORKERS = 8;
    private static final int CHUNK = 250;
    private static final long MIB = 1 << 20;

    private final LedgerClient ledger;

    BatchIT(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    /** Text that does not compress away, and another one for each item. */
    private static String input(int index) {
        byte[] noise = new byte[INPUT_BYTES / 2];
        new Random(index).nextBytes(noise);
        return "\"" + HexFormat.of().formatHex(noise).substring(2) + "\"";
    }

    private static InputStream body(String key) {
        Iterator<InputStream> inputs = IntStream.range(0, ITEMS)
                .mapToObj(index -> stream((index == 0 ? "" : ",") + input(index)))
                .iterator();
        InputStream head = stream("{\"key\": \"" + key + "\", \"inputs\": [");
        InputStream all = new SequenceInputStream(Collections.enumeration(
                List.of(head, new SequenceInputStream(enumeration(inputs)), stream("], \"target\": \"task:t\"}"))));
        return new BufferedInputStream(all, 1 << 16);
    }

    private static Enumeration<InputStream> enumeration(Iterator<InputStream> streams) {
        return new java.util.Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return streams.hasNext();
            }

            @Override
            public InputStream nextElement() {
                return streams.next();
            }
        };
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private Answer create(String key) {
        return ledger.send(ledger.request("/v1/runs")
                        .timeout(Duration.ofMinutes(3))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> body(key))))
                .is(201);
    }

    @Test
    void a_large_batch_is_accepted_worked_on_by_many_and_resumed() throws Exception {
        // A ledger that has just started is measured elsewhere.
        for (int i = 0; i < WARM_UP; i++) {
            String first = create("batch-" + i).text("/id");
            String listed =
                    ledger.post("/v1/runs/" + first + "/cancel", "{}").is(200).header("ledger-position");
            ledger.get("/v1/runs/" + first + "/items?limit=1", "Ledger-Position", listed)
                    .is(200);
        }
        long copied = copy();
        long begun = System.nanoTime();
        String run = create("batch-whole").text("/id");
        long accepted = millisSince(begun);
        System.out.printf(
                "batch: %d inputs of %d bytes durable in %d ms, COPY of the same rows took %d ms (%.1f times)%n",
                ITEMS, INPUT_BYTES, accepted, copied, (double) accepted / Math.max(1, copied));
        assertThat(ledger.run(run).at("/items/pending").asInt()).isEqualTo(ITEMS);

        begun = System.nanoTime();
        List<Integer> done = work(run, true);
        System.out.printf("batch: %d workers finished %d items in %d ms%n", WORKERS, ITEMS, millisSince(begun));
        assertThat(done).hasSize(ITEMS).doesNotHaveDuplicates();
        JsonNode ended = ledger.run(run);
        assertThat(ended.at("/status").asString()).isEqualTo("partially_succeeded");
        assertThat(ended.at("/items/failed").asInt()).isEqualTo(ITEMS / 100);
        assertThat(ended.at("/items/succeeded").asInt()).isEqualTo(ITEMS - ITEMS / 100);
        List<Integer> failed =
                IntStream.range(0, ITEMS).filter(BatchIT::fails).boxed().toList();
        begun = System.nanoTime();
        assertThat(listed(run, "failed")).isEqualTo(failed);
        System.out.printf("batch: listing the %d that failed took %d ms%n", failed.size(), millisSince(begun));

        ledger.post("/v1/runs/" + run + "/resume", "{}").is(200);
        assertThat(work(run, false)).containsExactlyInAnyOrderElementsOf(failed);
        JsonNode whole = ledger.run(run);
        assertThat(whole.at("/status").asString()).isEqualTo("succeeded");
        assertThat(whole.at("/items/succeeded").asInt()).isEqualTo(ITEMS);
        assertThat(ledger.get("/v1/runs/" + run + "/verify").json().at("/valid").asBoolean())
                .isTrue();
    }

    private static long copy() throws Exception {
        try (Connection connection = SharedPostgres.ownersConnections().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table public.copied (index integer primary key, input text not null)");
            InputStream rows = new SequenceInputStream(enumeration(IntStream.range(0, ITEMS)
                    .mapToObj(index -> stream(index + "\t" + input(index) + "\n"))
                    .iterator()));
            long begun = System.nanoTime();
            try (InputStream in = new BufferedInputStream(rows, 1 << 16)) {
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn("copy public.copied from stdin", in);
            }
            long millis = millisSince(begun);
            statement.execute("drop table public.copied");
            return millis;
        }
    }

    private static boolean fails(int index) {
        return index % 100 == 42;
    }

    /** Has workers do what there is to do; the items that they did. */
    private List<Integer> work(String run, boolean mayFail) throws Exception {
        Queue<Integer> done = new ConcurrentLinkedQueue<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                String name = "worker-" + i;
                all.add(workers.submit(() -> {
                    boolean more = true;
                    while (more) {
                        more = workOn(run, name, mayFail, done);
                    }
                }));
            }
            for (Future<?> worker : all) {
                worker.get();
            }
        }
        return List.copyOf(done);
    }

    private boolean workOn(String run, String worker, boolean mayFail, Queue<Integer> done) {
        Answer claimed = ledger.post(
                        "/v1/runs/" + run + "/items/claim",
                        "{\"worker\": \"" + worker + "\", \"max\": " + CHUNK + ", \"lease_seconds\": 60}")
                .is(200);
        JsonNode items = claimed.json().at("/items");
        if (items.isEmpty()) {
            return false;
        }
        StringBuilder results = new StringBuilder();
        for (JsonNode item : items) {
            int index = item.at("/index").asInt();
            assertThat("\"" + item.at("/input").asString() + "\"").isEqualTo(input(index));
            done.add(index);
            results.append(results.isEmpty() ? "" : ",").append("{\"index\": ").append(index);
            results.append(
                    mayFail && fails(index)
                            ? ", \"error\": {\"code\": \"no\", \"message\": \"not this one\"}}"
                            : ", \"output\": " + index + "}");
        }
        ledger.post(
                        "/v1/runs/" + run + "/items/results",
                        "{\"lease_token\": \"" + claimed.text("/lease_token") + "\", \"results\": [" + results + "]}")
                .is(200);
        return true;
    }

    private List<Integer> listed(String run, String status) {
        String position = ledger.get("/v1/runs/" + run).header("ledger-position");
        List<Integer> indexes = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = ledger.get(
                            "/v1/runs/" + run + "/items?limit=100&status=" + status + after,
                            "Ledger-Position",
                            position)
                    .is(200)
                    .json();
            page.at("/data").forEach(item -> indexes.add(item.at("/index").asInt()));
            after = page.at("/has_more").asBoolean()
                    ? "&after=" + page.at("/next").asString()
                    : null;
        } while (after != null);
        return indexes;
    }

    @Test
    void a_large_batch_takes_little_of_the_heap() throws Exception {
        create("batch-warm");
        long before = usedHeap();
        CountDownLatch over = new CountDownLatch(1);
        try (ExecutorService watcher = Executors.newSingleThreadExecutor()) {
            Future<Long> most = watcher.submit(() -> {
                long peak = 0;
                while (!over.await(200, TimeUnit.MILLISECONDS)) {
                    peak = Math.max(peak, usedHeap());
                }
                return peak;
            });
            try {
                create("batch-watched");
            } finally {
                over.countDown();
            }
            long growth = most.get() - before;
            System.out.printf(
                    "batch: the heap grew by %.1f MiB while %d inputs of %d bytes came in%n",
                    (double) growth / MIB, ITEMS, INPUT_BYTES);
            assertThat(growth).isLessThan(64 * MIB);
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long millisSince(long begun) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }
}
