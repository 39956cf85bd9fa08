package io.runledger.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.Figures;
import io.runledger.server.stream.SseClient.Message;
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

/** As many streams as one node is meant for, of the project, of some runs and of one run: each gets all that is its own. */
@Timeout(280)
class ManyStreamsIT {

    private static final int STREAMS = Figures.isThorough() ? 2_000 : 200;
    private static final int RUNS = 20;

    /** With the buffers that Tomcat gives every connection when it is told nothing, a stream would have more. */
    private static final int HEAP_OF_ONE = 120 << 10;

    private static final int NOTES = Figures.isThorough() ? 300 : 100;
    private static final long SEED = Long.getLong("runledger.seed", 20261122);

    @Test
    void each_stream_gets_every_event_of_its_own_in_order() throws Exception {
        try (StreamServer server = new StreamServer("many", Map.of("RUNLEDGER_LIMITS_STREAMS", "" + (STREAMS + 10)));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> runs =
                    IntStream.range(0, RUNS).mapToObj(i -> labelled(server, i)).toList();
            long start = server.head();
            long heapBefore = server.process().liveHeap();
            long threadsBefore = server.process().threads();
            List<SseClient> clients = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                clients.add(server.follow(path(i, runs, start)));
                assertThat(clients.getLast().status()).isEqualTo(200);
            }
            long idle = server.process().liveHeap() - heapBefore;
            long added = server.process().threads() - threadsBefore;
            List<List<Long>> positions = new ArrayList<>();
            runs.forEach(_ -> positions.add(new ArrayList<>()));
            long begun = System.nanoTime();
            List<Future<List<Long>>> seen = new ArrayList<>();
            List<Integer> written = plan();
            for (int i = 0; i < STREAMS; i++) {
                int count = switch (i % 4) {
                    case 0 -> written.size();
                    default ->
                        (int) written.stream().filter(theOneOf(i)::equals).count();
                };
                SseClient client = clients.get(i);
                seen.add(threads.submit(() -> read(client, count)));
            }
            for (int i = 0; i < written.size(); i++) {
                server.note(runs.get(written.get(i)), "n" + i);
                positions.get(written.get(i)).add(start + i + 1);
            }
            List<Long> all = IntStream.rangeClosed(1, written.size())
                    .mapToObj(i -> start + i)
                    .toList();
            for (int i = 0; i < STREAMS; i++) {
                List<Long> own = switch (i % 4) {
                    case 0 -> all;
                    case 1 -> positions.get(theOneOf(i));
                    // Before come its creation, its queueing and its start.
                    default ->
                        IntStream.range(0, positions.get(theOneOf(i)).size())
                                .mapToObj(n -> 3L + n)
                                .toList();
                };
                assertThat(seen.get(i).get(120, TimeUnit.SECONDS))
                        .as("stream %d", i)
                        .isEqualTo(own);
            }
            Figures.print(
                    "%d open streams: %d KiB of heap each, %d more threads; %d events, %d deliveries in %d ms",
                    STREAMS,
                    idle / STREAMS / 1024,
                    added,
                    written.size(),
                    seen.stream().mapToLong(list -> list.resultNow().size()).sum(),
                    (System.nanoTime() - begun) / 1_000_000);
            assertThat(idle / STREAMS).isLessThan(HEAP_OF_ONE);
            clients.forEach(SseClient::close);
        }
    }

    /** Which run gets the next note, for each of them. */
    private static List<Integer> plan() {
        Random random = new Random(SEED);
        return IntStream.range(0, NOTES).mapToObj(_ -> random.nextInt(RUNS)).toList();
    }

    private static Integer theOneOf(int stream) {
        return stream / 4 % RUNS;
    }

    private static String labelled(StreamServer server, int number) {
        String body = "{\"target\": \"task:many\", \"labels\": {\"number\": \"" + number + "\"}}";
        String run = StreamServer.JSON
                .readTree(server.succeed("/v1/runs", body))
                .get("id")
                .asString();
        server.succeed("/v1/runs/" + run + "/start", "{}");
        return run;
    }

    /** A quarter each: the project, the runs with a label, and one run with either all types or those that are written. */
    private static String path(int stream, List<String> runs, long start) {
        return switch (stream % 4) {
            case 0 -> "/v1/events?after=" + start;
            case 1 -> "/v1/events?label.number=" + theOneOf(stream) + "&after=" + start;
            case 2 -> "/v1/runs/" + runs.get(theOneOf(stream)) + "/events?after=2";
            default -> "/v1/runs/" + runs.get(theOneOf(stream)) + "/events?after=2&type=run.pro*";
        };
    }

    private static List<Long> read(SseClient client, int count) throws Exception {
        List<Long> ids = new ArrayList<>();
        while (ids.size() < count) {
            Message message = client.next();
            assertThat(message).isNotNull();
            ids.add(message.id());
        }
        return ids;
    }
}
