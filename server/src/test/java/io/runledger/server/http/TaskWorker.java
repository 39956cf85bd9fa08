package io.runledger.server.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Workers of one queue, over HTTP: what each target comes to is said beforehand, and what they did can be asked. */
final class TaskWorker implements AutoCloseable {

    private final LedgerClient ledger;
    private final String queue;
    private final Map<String, Function<JsonNode, String>> works = new ConcurrentHashMap<>();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean working = true;

    TaskWorker(LedgerClient ledger, String queue) {
        this.ledger = ledger;
        this.queue = queue;
    }

    /** For the input of a task of this kind, the body of its completion; null fails it. */
    TaskWorker does(String kind, Function<JsonNode, String> work) {
        works.put("task:" + kind, work);
        return this;
    }

    TaskWorker start(int count) {
        for (int i = 0; i < count; i++) {
            String name = queue + "-" + i;
            threads.add(Thread.ofVirtual().start(() -> work(name)));
        }
        return this;
    }

    /** How often tasks of this kind were begun. */
    int begun(String kind) {
        return attempts.getOrDefault("task:" + kind, 0);
    }

    private void work(String name) {
        while (working) {
            JsonNode claims = ledger.post(
                            "/v1/claims",
                            "{\"worker\": \"" + name + "\", \"queues\": [\"" + queue
                                    + "\"], \"max\": 1, \"lease_seconds\": 30, \"wait_seconds\": 1}")
                    .is(200)
                    .json()
                    .at("/claims");
            claims.forEach(this::report);
        }
    }

    private void report(JsonNode claim) {
        JsonNode run = claim.at("/run");
        String target = run.at("/target").asString();
        attempts.merge(target, 1, Integer::sum);
        String lease = "\"lease_token\": \"" + claim.at("/lease_token").asString() + "\"";
        String output = works.getOrDefault(target, _ -> "null").apply(run.at("/input"));
        String path = "/v1/runs/" + run.at("/id").asString();
        Answer answer = output == null
                ? ledger.post(
                        path + "/fail", "{\"error\": {\"code\": \"broken\", \"message\": \"it broke\"}, " + lease + "}")
                : ledger.post(path + "/complete", "{\"output\": " + output + ", " + lease + "}");
        if (answer.status() != 200
                && !answer.isProblem(409, "lease_lost").text("/code").equals("lease_lost")) {
            throw new AssertionError(answer.body());
        }
    }

    @Override
    public void close() {
        working = false;
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
