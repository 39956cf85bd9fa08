package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.LedgerClient.Answer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Good clients go on with their work while hostile ones send large, bad bodies without a pause. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NeighboursIT {

    private static final int GOOD = 4;
    private static final int HOSTILE = 50;
    private static final long MOST_MEMORY = 64 << 20;
    private static final int ROUNDS = Figures.isThorough() ? 5 : 2;
    private static final int RUNS = Figures.isThorough() ? 500 : 100;

    /** Refused for what they are: nested too deeply, a number too long, a wrong target beside 200,000 tokens. */
    private static final List<String> BAD_BODIES = List.of(
            "{\"target\": \"task:t\", \"input\": " + "[".repeat(300_000) + "]".repeat(300_000) + "}",
            "{\"target\": \"task:t\", \"priority\": " + "9".repeat(900_000) + "}",
            "{\"target\": \"nothing\", \"input\": [" + "1,".repeat(200_000) + "1]}");

    @Test
    void hostile_clients_do_not_hold_up_good_ones() throws Exception {
        List<Long> alone = new ArrayList<>();
        List<Long> beside = new ArrayList<>();
        int refused = 0;
        long risen;
        try (LedgerProcess ledger =
                        LedgerProcess.named("neighbours").residentHeap().start();
                ExecutorService executor = Executors.newCachedThreadPool()) {
            LedgerClient client = new LedgerClient(ledger);
            // Both need a server that has seen such requests before.
            goodWork(client, executor);
            refused += besideHostile(ledger, executor, () -> goodWork(client, executor));
            long memory = ledger.memory("VmRSS");
            for (int round = 0; round < ROUNDS; round++) {
                alone.addAll(goodWork(client, executor));
                refused += besideHostile(ledger, executor, () -> beside.addAll(goodWork(client, executor)));
            }
            risen = ledger.memory("VmHWM") - memory;
            Ledger.audit(client);
        }
        Figures.print(
                "M1: %d good clients alone p50 %.1f ms, p99 %.1f ms; beside %d hostile ones p50 %.1f ms, p99 %.1f ms (%.1f x); %d large bad bodies refused; memory beside the heap rose by %d KiB at most",
                GOOD,
                millis(alone, 50),
                millis(alone, 99),
                HOSTILE,
                millis(beside, 50),
                millis(beside, 99),
                millis(beside, 99) / millis(alone, 99),
                refused,
                risen >> 10);
        assertThat(risen).isLessThan(MOST_MEMORY);
    }

    /** Has every good client take runs through their lives; how long each command took. */
    private static List<Long> goodWork(LedgerClient client, ExecutorService executor) throws Exception {
        Queue<Long> nanos = new ConcurrentLinkedQueue<>();
        List<Callable<Void>> clients = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            clients.add(() -> {
                for (int run = 0; run < RUNS / GOOD; run++) {
                    String id = timed(client, "/v1/runs", LedgerClient.object().put("target", "task:good"), 201, nanos)
                            .id();
                    timed(client, "/v1/runs/" + id + "/start", LedgerClient.object(), 200, nanos);
                    timed(client, "/v1/runs/" + id + "/complete", LedgerClient.object(), 200, nanos);
                }
                return null;
            });
        }
        for (Future<Void> done : executor.invokeAll(clients)) {
            done.get();
        }
        return List.copyOf(nanos);
    }

    private static Answer timed(LedgerClient client, String path, JsonNode body, int status, Queue<Long> nanos)
            throws Exception {
        long start = System.nanoTime();
        Answer answer = client.post(path, body);
        nanos.add(System.nanoTime() - start);
        assertThat(answer.status()).isEqualTo(status);
        return answer;
    }

    private interface Work {
        void carryOut() throws Exception;
    }

    /** Does the work while every hostile client sends one body after the other; how many of those were refused. */
    private static int besideHostile(LedgerProcess ledger, ExecutorService executor, Work work) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        // Fifty clients that start at once need these processors for themselves; that is not the ledger's doing.
        CountDownLatch allAtIt = new CountDownLatch(HOSTILE);
        List<Future<Integer>> hostile = new ArrayList<>();
        int refused = 0;
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < HOSTILE; i++) {
                HttpRequest attack = HttpRequest.newBuilder(ledger.uri().resolve("/v1/runs"))
                        .header("x-api-key", LedgerProcess.KEY)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(BAD_BODIES.get(i % BAD_BODIES.size())))
                        .build();
                hostile.add(executor.submit(() -> {
                    int sent = 0;
                    do {
                        assertThat(http.send(attack, BodyHandlers.discarding()).statusCode())
                                .isEqualTo(400);
                        sent++;
                        allAtIt.countDown();
                    } while (!over.get());
                    return sent;
                }));
            }
            try {
                assertThat(allAtIt.await(60, TimeUnit.SECONDS)).isTrue();
                work.carryOut();
            } finally {
                over.set(true);
            }
            for (Future<Integer> client : hostile) {
                refused += client.get();
            }
        }
        return refused;
    }

    private static double millis(List<Long> nanos, int percent) {
        return Figures.percentile(nanos, percent) / 1e6;
    }
}
