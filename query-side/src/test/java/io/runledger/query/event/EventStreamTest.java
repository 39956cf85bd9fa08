package io.runledger.query.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Caller;
import io.runledger.api.RecentRecord;
import io.runledger.api.RunId;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.event.OpenStreams.OpenStream;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.signal.CommitSignal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

class EventStreamTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Pattern ID = Pattern.compile("^id: (\\d+)$", Pattern.MULTILINE);

    /** So small that every stream falls behind it now and then. */
    private static final StreamSettings SETTINGS =
            new StreamSettings(100, 100, Duration.ofMillis(300), Duration.ofSeconds(5), 8, 100_000);

    private final CommitSignal signal = new CommitSignal(TestDatabase::newConnection);
    private final EventHead head = new EventHead(JdbcClient.create(TestDatabase.dataSource()), RecentRecord.NOTHING);
    private final EventReader reader = new EventReader(new ProjectReader(TestDatabase.dataSource()), head);
    private final Tail tail = new Tail(head, signal, RecentRecord.NOTHING, SETTINGS);
    private static final Caller CALLER = new Caller("p", "key:test");
    private final OpenStreams open = new OpenStreams(100, _ -> true);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<RunId, Long> sequences = new HashMap<>();

    @BeforeEach
    void start() {
        TestDatabase.clear();
        signal.start();
        tail.start();
        open.start();
    }

    @AfterEach
    void stop() {
        open.stop();
        tail.stop();
        signal.stop();
        threads.shutdownNow();
    }

    /** A client that stops reading now and then. */
    private static class Client extends OutputStream {

        private final Random random;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();

        Client(long seed) {
            random = new Random(seed);
        }

        @Override
        public synchronized void write(int b) {
            received.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            received.write(bytes, from, length);
        }

        @Override
        public void flush() {
            if (random.nextInt(4) == 0) {
                LockSupport.parkNanos(random.nextInt(15_000_000));
            }
        }

        synchronized String text() {
            return received.toString(StandardCharsets.UTF_8);
        }

        List<Long> ids() {
            return ID.matcher(text())
                    .results()
                    .map(id -> Long.parseLong(id.group(1)))
                    .toList();
        }
    }

    private Future<?> follow(Feed feed, Client client) {
        return threads.submit(() -> {
            try (OpenStream stream = open.enter(CALLER);
                    Watch watch = tail.watch(feed.subject())) {
                new SseStreams(open, SETTINGS)
                        .run(
                                new EventStream(feed, tail, watch, new LargeEvents(MAPPER)),
                                stream,
                                new SseWriter(client));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void however_reading_and_writing_interleave_every_event_comes_once_and_in_order() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            TestDatabase.clear();
            sequences.clear();
            Random random = new Random(seed);
            for (int i = 0; i < 40; i++) {
                append(i % 4, "run.noted");
            }
            List<Client> feeds = new ArrayList<>();
            List<Client> runs = new ArrayList<>();
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < 160; i++) {
                if (i % 20 == 0) {
                    Client feed = new Client(seed * 100L + i);
                    feeds.add(feed);
                    follow(new ProjectFeed(reader, "p0", EventFilter.ALL, 0), feed);
                    Client run = new Client(seed * 100L + i + 1);
                    runs.add(run);
                    ends.add(follow(runFeed("p2", run(2), -1), run));
                }
                append(random.nextInt(4), "run.noted");
                if (random.nextInt(5) == 0) {
                    LockSupport.parkNanos(random.nextInt(10_000_000));
                }
            }
            append(2, "run.succeeded");
            append(0, "run.cancelled");
            for (Future<?> end : ends) {
                end.get();
            }
            List<Long> ofRun =
                    LongStream.range(0, sequences.get(run(2))).boxed().toList();
            runs.forEach(client -> assertThat(client.ids()).isEqualTo(ofRun));
            List<Long> ofProject = TestDatabase.jdbc()
                    .sql("select position from ledger.event where project = 'p0' order by position")
                    .query(Long.class)
                    .list();
            for (Client client : feeds) {
                await().atMost(Duration.ofSeconds(10)).until(() -> client.ids().size() >= ofProject.size());
                assertThat(client.ids()).as("seed %d", seed).isEqualTo(ofProject);
            }
            open.stop();
            feeds.forEach(client -> assertThat(client.text()).endsWith("come back with Last-Event-ID\n\n"));
            assertThat(open.count()).isZero();
            open.start();
        }
    }

    @Test
    void a_reader_that_takes_too_long_is_told_why_and_goes_on_from_where_it_was() throws Exception {
        StreamSettings hasty = new StreamSettings(100, 100, Duration.ofSeconds(5), Duration.ofMillis(50), 8, 100_000);
        for (int i = 0; i < 250; i++) {
            append(0, "run.noted");
        }
        List<Long> seen = new ArrayList<>();
        while (seen.size() < 250) {
            long known = seen.isEmpty() ? 0 : seen.getLast();
            Client slow = new Client(1) {
                @Override
                public void flush() {
                    // As a socket does whose other end does not read.
                    LockSupport.parkNanos(Duration.ofMillis(60).toNanos());
                }
            };
            Feed feed = new ProjectFeed(reader, "p0", EventFilter.ALL, known);
            try (OpenStream stream = open.enter(CALLER);
                    Watch watch = tail.watch(feed.subject())) {
                new SseStreams(open, hasty)
                        .run(new EventStream(feed, tail, watch, new LargeEvents(MAPPER)), stream, new SseWriter(slow));
            }
            assertThat(slow.text())
                    .endsWith(": too slow: what was sent took too long to be read; come back with"
                            + " Last-Event-ID\n\n");
            // It was given one batch, and no other one was read for it.
            assertThat(slow.ids()).hasSizeBetween(1, Found.MOST);
            seen.addAll(slow.ids());
        }
        assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 250).boxed().toList());
    }

    @Test
    void without_any_signal_events_come_within_a_second() {
        signal.stop();
        Client client = new Client(1);
        follow(new ProjectFeed(reader, "p0", EventFilter.ALL, 0), client);
        await().atMost(Duration.ofSeconds(5)).until(() -> client.text().contains("retry: 1000"));
        append(0, "run.created");
        await().atMost(Duration.ofSeconds(2)).until(() -> client.ids().equals(List.of(1L)));
        await().atMost(Duration.ofSeconds(5)).until(() -> client.text().contains(": still here"));
    }

    @Test
    void types_and_runs_are_told_apart_alike_in_memory_and_in_the_database() {
        append(0, "run.created");
        append(0, "run.items_added");
        append(0, "run.itemsXadded");
        for (List<String> types :
                List.of(List.<String>of(), List.of("run.*"), List.of("run.items_*"), List.of("x", "run.created"))) {
            for (List<RunId> runs : java.util.Arrays.asList(null, List.of(run(0)), List.of(run(1)))) {
                EventFilter filter = new EventFilter(types, runs, null);
                List<Long> found =
                        reader.ofProject("p0", 0, 100, filter, EventReader.Bounds.ofEvents(100)).events().stream()
                                .map(TailEvent::position)
                                .toList();
                List<Long> wanted = head.after(0, EventReader.Bounds.ofEvents(100)).events().stream()
                        .filter(event -> filter.wants(event.event()))
                        .map(TailEvent::position)
                        .toList();
                assertThat(found).as(filter.toString()).isEqualTo(wanted);
            }
        }
    }

    private RunFeed runFeed(String project, RunId run, long after) {
        return new RunFeed(reader, run, reader.lastOf(project, run), EventFilter.ALL, after);
    }

    private static RunId run(int number) {
        return Recorded.id(number + 1);
    }

    /** Appends to the run of this number; runs 0 and 2 belong to one project each, 1 and 3 to others. */
    private void append(int number, String type) {
        long sequence = sequences.merge(run(number), 1L, Long::sum) - 1;
        TestDatabase.jdbc()
                .sql("""
                        with told as materialized (select pg_notify('runledger_event', ''))
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, occurred_at, recorded_at, hash)
                        select ?, ?, ?, ?, ?, 1, '{}', 2, 'tester', ?, ?, decode(repeat('00', 32), 'hex') from told""")
                .params(
                        UUID.randomUUID(),
                        "p" + number,
                        run(number).value(),
                        sequence,
                        type,
                        Recorded.START.atOffset(ZoneOffset.UTC),
                        Recorded.START.atOffset(ZoneOffset.UTC))
                .update();
    }
}
