package io.runledger.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.Figures;
import io.runledger.server.story.LedgerProcess;
import io.runledger.server.stream.SseClient.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader on one node sees what another node commits, and is told of it rather than finding it. */
@Timeout(180)
class TwoNodesStreamIT {

    private static final int NOTES = Figures.isThorough() ? 2_000 : 50;

    // So many readers come back a thousand times in all when the search is thorough.
    private static final int WANDERERS = 10;
    private static final int WANDERED = Figures.isThorough() ? 10_000 : 400;
    private static final int STAY = 100;
    private static final int LINES = 200;
    private static final long SEED = Long.getLong("runledger.seed", 20261122);

    @TempDir
    private static Path data;

    private static LocalPostgres postgres;
    private static StreamServer here;

    /** Another one after a restart. */
    private static volatile StreamServer there;

    @BeforeAll
    static void start() {
        postgres = LedgerProcess.sharedPostgres(data);
        here = node("here");
        there = node("there");
    }

    @AfterAll
    static void stop() {
        there.close();
        here.close();
        postgres.close();
    }

    @Test
    void a_commit_on_one_node_wakes_the_readers_of_the_other() throws Exception {
        String run = here.startedRun();
        long head = there.head();
        List<Long> ofRun = new ArrayList<>();
        List<Long> ofFeed = new ArrayList<>();
        List<Long> ofSome = new ArrayList<>();
        List<Long> micros = new ArrayList<>();
        try (SseClient followed = there.follow("/v1/runs/" + run + "/events?after=2");
                SseClient feed = there.follow("/v1/events?after=" + head);
                SseClient some = there.follow("/v1/events?status=running&after=" + head)) {
            for (int i = 0; i < NOTES; i++) {
                here.note(run, "n" + i);
                // The writer had its answer after the commit; what is left is the way to the reader.
                long begun = System.nanoTime();
                Message message = followed.next();
                micros.add((System.nanoTime() - begun) / 1_000);
                ofRun.add(message.id());
                ofFeed.add(feed.next().id());
                ofSome.add(some.next().id());
            }
        }
        endsWhenTheKeyIsRevokedOnTheOtherNode();
        List<Long> ofLog = new ArrayList<>();
        try (SseClient log = there.follow("/v1/runs/" + run + "/logs")) {
            for (int i = 0; i < NOTES; i++) {
                here.succeed("/v1/runs/" + run + "/logs", "[{\"level\": \"info\", \"message\": \"m\"}]");
                ofLog.add(log.next().id());
            }
            here.succeed("/v1/runs/" + run + "/complete", "{}");
            assertThat(log.next()).isNull();
        }
        assertThat(ofLog).isEqualTo(LongStream.range(0, NOTES).boxed().toList());
        for (int i = 0; i < NOTES; i++) {
            assertThat(ofRun.get(i)).isEqualTo(3 + i);
            assertThat(ofFeed.get(i)).isEqualTo(head + 1 + i);
            assertThat(ofSome.get(i)).isEqualTo(head + 1 + i);
        }
        // Without a word from the other node, half of them would take more than 250 ms.
        Figures.print(
                "another node: %d commits, answered to read there: median %.1f ms, p99 %.1f ms, worst %.1f ms",
                NOTES,
                Figures.percentile(micros, 50) / 1e3,
                Figures.percentile(micros, 99) / 1e3,
                Figures.percentile(micros, 100) / 1e3);
    }

    private static void endsWhenTheKeyIsRevokedOnTheOtherNode() throws IOException {
        String made = here.succeed("/v1/keys", "{\"name\": \"reader\", \"role\": \"viewer\"}");
        String key = "x-api-key: " + StreamServer.JSON.readTree(made).get("key").asString();
        try (SseClient reader = there.follow("/v1/events?type=run.cancelled", key)) {
            assertThat(reader.status()).isEqualTo(200);
            long begun = System.nanoTime();
            here.delete("/v1/keys/" + StreamServer.JSON.readTree(made).get("id").asString());
            assertThat(reader.next()).isNull();
            assertThat(reader.comments()).last().isEqualTo("the key holds no more");
            Figures.print(
                    "a key revoked on one node: its stream on the other ended after %d ms",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        }
        try (SseClient refused = there.follow("/v1/events", key)) {
            assertThat(refused.status()).isEqualTo(401);
        }
    }

    @Test
    void readers_that_change_nodes_and_outlive_a_restart_see_every_event_once() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String run = here.startedRun();
            long head = here.head();
            AtomicInteger connections = new AtomicInteger();
            List<Future<List<Long>>> seen = new ArrayList<>();
            for (int i = 0; i < WANDERERS; i++) {
                Random random = new Random(SEED + i);
                seen.add(threads.submit(() -> wander(random, head, connections)));
            }
            for (int written = 0; written < WANDERED; written += LINES) {
                here.succeed("/v1/commands", notes(run));
                if (written == WANDERED / 2) {
                    there.close();
                    there = node("there");
                }
            }
            List<Long> all =
                    LongStream.rangeClosed(head + 1, head + WANDERED).boxed().toList();
            for (Future<List<Long>> each : seen) {
                assertThat(each.get(100, TimeUnit.SECONDS)).isEqualTo(all);
            }
            Figures.print(
                    "%d readers of %d events each came back %d times, to either node, one of which was restarted:"
                            + " none lost, none doubled, all in order",
                    WANDERERS, WANDERED, connections.get() - WANDERERS);
        }
    }

    private static String notes(String run) {
        return "{\"command\": \"progress\", \"run\": \"%s\", \"message\": \"on\"}\n"
                .formatted(run)
                .repeat(LINES);
    }

    /** Reads some events of the project on one node, then some on any other one, until it has them all. */
    private static List<Long> wander(Random random, long head, AtomicInteger connections) {
        List<Long> positions = new ArrayList<>();
        while (positions.size() < WANDERED) {
            long last = positions.isEmpty() ? head : positions.getLast();
            int stay = 1 + random.nextInt(2 * STAY);
            StreamServer node = random.nextBoolean() ? here : there;
            try (SseClient client = node.follow("/v1/events", "Last-Event-ID: " + last)) {
                connections.incrementAndGet();
                // A node that is stopping sends its clients away.
                Message message = client.status() == 200 ? client.next() : null;
                while (message != null) {
                    positions.add(message.id());
                    boolean goesOn = --stay > 0 && positions.size() < WANDERED;
                    message = goesOn ? client.next() : null;
                }
            } catch (IOException | UncheckedIOException _) {
                // The node is being restarted; what was seen so far is not asked for again.
            }
        }
        return positions;
    }

    private static StreamServer node(String name) {
        return new StreamServer(
                "node-" + name,
                Map.of(
                        "RUNLEDGER_DATABASE_URL", postgres.jdbcUrl(),
                        "RUNLEDGER_DATABASE_USER", postgres.user(),
                        "RUNLEDGER_DATABASE_PASSWORD", postgres.password()));
    }
}
