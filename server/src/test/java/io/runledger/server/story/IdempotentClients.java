package io.runledger.server.story;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Clients that know of nothing but the Idempotency-Key: each creates a run, starts it and notes something in it, and sends
 * each request until it is answered. They have a project of their own.
 */
final class IdempotentClients implements AutoCloseable {

    private static final int CLIENTS = 4;

    /** Created, queued, started, noted. */
    private static final int EVENTS = 4;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final String SLUG = "idempotent";

    private final LedgerClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> working = new ArrayList<>();
    private final Set<String> runs = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger again = new AtomicInteger();
    private final AtomicInteger replayed = new AtomicInteger();
    private volatile boolean goesOn = true;

    IdempotentClients(LedgerProcess ledger, LedgerClient admin) throws IOException {
        admin.post("/v1/projects", LedgerClient.object().put("slug", SLUG));
        ObjectNode key =
                LedgerClient.object().put("name", "n").put("role", "worker").put("project", SLUG);
        client = new LedgerClient(
                ledger::uri, admin.post("/v1/keys", key).body().get("key").asString());
        for (int i = 0; i < CLIENTS; i++) {
            working.add(threads.submit(this::work));
        }
    }

    private void work() {
        while (goesOn) {
            LedgerClient.Answer created =
                    insist("/v1/runs", LedgerClient.object().put("target", "task:once"));
            if (created.status() != 201 || !runs.add(created.id())) {
                wrong.add("created: " + created.status() + " " + created.body());
                return;
            }
            insistOn("/v1/runs/" + created.id() + "/start", LedgerClient.object());
            ObjectNode note = LedgerClient.object().put("type", "once").put("payload", 1);
            insistOn("/v1/runs/" + created.id() + "/events", note);
        }
    }

    private void insistOn(String path, ObjectNode body) {
        LedgerClient.Answer answer = insist(path, body);
        if (answer.status() != 200) {
            wrong.add(path + ": " + answer.status() + " " + answer.body());
        }
    }

    /** Sends the same request with the same key until the ledger has said yes or no. */
    private LedgerClient.Answer insist(String path, ObjectNode body) {
        String key = UUID.randomUUID().toString();
        LedgerClient.Answer answer = await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(PAUSE)
                .until(() -> once(path, body, key), Objects::nonNull);
        replayed.addAndGet(answer.headers().firstValue("Idempotency-Replayed").isPresent() ? 1 : 0);
        return answer;
    }

    private LedgerClient.@Nullable Answer once(String path, ObjectNode body, String key) {
        try {
            LedgerClient.Answer answer = client.post(path, body, "Idempotency-Key", key);
            if (answer.status() < 500 && !answer.code().equals("conflict")) {
                return answer;
            }
        } catch (IOException | IllegalStateException _) {
            // The ledger is away; what it did with the request nobody knows.
        }
        again.incrementAndGet();
        return null;
    }

    /** Lets everybody come to an end; what differs from one effect for each request. */
    List<String> finish() throws Exception {
        goesOn = false;
        for (Future<?> one : working) {
            one.get();
        }
        List<String> differences = new ArrayList<>(wrong);
        Set<String> created = ConcurrentHashMap.newKeySet();
        client.feed().forEach(event -> {
            if (event.get("type").asString().equals("run.created")) {
                created.add(event.get("run_id").asString());
            }
        });
        if (!created.equals(runs)) {
            differences.add(created.size() + " runs for " + runs.size() + " requests");
        }
        for (String run : runs) {
            int events = client.eventsOf(run).size();
            if (events != EVENTS) {
                differences.add("run " + run + " has " + events + " events");
            }
        }
        return differences;
    }

    int runs() {
        return runs.size();
    }

    /** How many requests were sent more than once, and how many were given an answer that was kept. */
    String repeats() {
        return again.get() + " sent again, " + replayed.get() + " replayed";
    }

    @Override
    public void close() {
        goesOn = false;
        threads.shutdownNow();
    }
}
