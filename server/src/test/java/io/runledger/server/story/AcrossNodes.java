package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Everything that takes more than one request, begun on one node and ended on another: whatever nodes share must fit. */
final class AcrossNodes {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final LedgerClient here;
    private final LedgerClient there;
    private final String name;
    private final List<String> runs = new ArrayList<>();

    /** Nothing is done yet; the name is for queues and keys, and has to be new. */
    AcrossNodes(LedgerClient here, LedgerClient there, String name) {
        this.here = here;
        this.there = there;
        this.name = name;
    }

    /** Does all of it, and gives back the runs that it was done with; they have ended. */
    List<String> all() throws IOException {
        isAskedForTwice();
        keepsToItsDefinition();
        isLeased();
        isWaitedFor();
        isLogged();
        isMadeOfItems();
        isMadeOfTasks();
        isCancelledWithOthers();
        runs.forEach(run -> isTheSame("/v1/runs/" + run));
        return runs;
    }

    private String create(ObjectNode body) throws IOException {
        String run = sound(here.post("/v1/runs", body)).id();
        runs.add(run);
        return run;
    }

    private ObjectNode run(String target) {
        return LedgerClient.object().put("target", target).put("queue", name);
    }

    private static Answer sound(Answer answer) {
        assertThat(answer.isSuccess())
                .as("%d %s", answer.status(), answer.body())
                .isTrue();
        return answer;
    }

    private static String path(String run) {
        return "/v1/runs/" + run;
    }

    private void isAskedForTwice() throws IOException {
        ObjectNode body = run("task:twice");
        Answer first = sound(here.post("/v1/runs", body, "Idempotency-Key", name));
        Answer second = sound(there.post("/v1/runs", body, "Idempotency-Key", name));
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.headers().firstValue("Idempotency-Replayed")).isPresent();
        runs.add(first.id());
        sound(there.post(path(first.id()) + "/cancel", LedgerClient.object()));
    }

    private void keepsToItsDefinition() throws IOException {
        ObjectNode definition = LedgerClient.object();
        definition
                .putObject("input_schema")
                .put("type", "object")
                .putArray("required")
                .add("file");
        sound(here.put("/v1/definitions/task/" + name, definition));
        Answer refused = there.post("/v1/runs", run("task:" + name).put("input", 1));
        assertThat(refused.status()).as("%s", refused.body()).isEqualTo(400);
        ObjectNode body = run("task:" + name);
        body.putObject("input").put("file", "cat.png");
        sound(there.post(path(create(body)) + "/cancel", LedgerClient.object()));
    }

    private JsonNode claim(LedgerClient node) throws IOException {
        ObjectNode wish =
                LedgerClient.object().put("worker", name).put("max", 1).put("wait_seconds", 30);
        wish.putArray("queues").add(name);
        JsonNode claims = sound(node.post("/v1/claims", wish.put("lease_seconds", 60)))
                .body()
                .get("claims");
        assertThat(claims).hasSize(1);
        return claims.get(0);
    }

    private static ObjectNode report(JsonNode claim) {
        return LedgerClient.object().put("lease_token", claim.get("lease_token").asString());
    }

    private void isLeased() throws IOException {
        String run = create(run("task:leased"));
        JsonNode claim = claim(there);
        assertThat(claim.at("/run/id").asString()).isEqualTo(run);
        sound(here.post(path(run) + "/heartbeat", report(claim)));
        sound(there.post(path(run) + "/progress", report(claim).put("percent", 50)));
        sound(here.post(path(run) + "/complete", report(claim).put("output", 1)));
    }

    private void isWaitedFor() throws IOException {
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return here.post("/v1/runs", run("action:live"), "Prefer", "wait=25");
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        JsonNode claim = claim(there);
        sound(there.post(path(claim.at("/run/id").asString()) + "/complete", report(claim)));
        Answer answer = waiting.join();
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
        runs.add(answer.id());
    }

    private void isLogged() throws IOException {
        String run = create(run("task:logged"));
        String line = "[{\"level\": \"info\", \"message\": \"from %s\"}]";
        sound(here.post(path(run) + "/logs", LedgerClient.JSON.readTree(line.formatted("here"))));
        sound(there.post(path(run) + "/logs", LedgerClient.JSON.readTree(line.formatted("there"))));
        assertThat(here.read(path(run) + "/logs").get("data"))
                .extracting(one -> one.get("message").asString())
                .containsExactly("from here", "from there");
        sound(there.post(path(run) + "/cancel", LedgerClient.object()));
    }

    private void isMadeOfItems() throws IOException {
        ObjectNode body = run("task:items");
        body.putArray("inputs").add(1).add(2).add(3);
        String run = create(body);
        ObjectNode wish = LedgerClient.object().put("worker", name).put("lease_seconds", 60);
        JsonNode two = sound(there.post(path(run) + "/items/claim", wish.put("max", 2)))
                .body();
        assertThat(two.get("items")).hasSize(2);
        itemsAreDone(here, run, two);
        JsonNode last = sound(here.post(path(run) + "/items/claim", wish)).body();
        long position = itemsAreDone(there, run, last);
        assertThat(here.read(path(run)).get("status").asString()).isEqualTo("succeeded");
        isTheSame(path(run) + "/items", "Ledger-Position", Long.toString(position));
    }

    private static long itemsAreDone(LedgerClient node, String run, JsonNode claimed) throws IOException {
        ObjectNode results = report(claimed);
        claimed.get("items")
                .forEach(item -> results.withArray("results")
                        .addObject()
                        .put("index", item.get("index").asInt())
                        .put("output", "done"));
        return sound(node.post(path(run) + "/items/results", results)).position();
    }

    private void isMadeOfTasks() throws IOException {
        ObjectNode body = LedgerClient.object().put("target", "workflow:two");
        ObjectNode first = body.putArray("tasks")
                .addObject()
                .put("key", "first")
                .put("kind", "part")
                .put("queue", name);
        first.putArray("next")
                .addObject()
                .put("key", "second")
                .put("kind", "part")
                .put("queue", name)
                .put("if", "tasks.first.output == 'done'");
        String run = create(body);
        taskIsDone(there, here);
        taskIsDone(here, there);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(there.read(path(run)).get("status").asString())
                                .isEqualTo("succeeded"));
    }

    private void taskIsDone(LedgerClient claims, LedgerClient reports) throws IOException {
        JsonNode claim = claim(claims);
        sound(reports.post(
                path(claim.at("/run/id").asString()) + "/complete",
                report(claim).put("output", "done")));
    }

    private void isCancelledWithOthers() throws IOException {
        String target = "task:many-" + name;
        long position = 0;
        for (int i = 0; i < 20; i++) {
            Answer created = sound((i % 2 == 0 ? here : there).post("/v1/runs", run(target)));
            runs.add(created.id());
            position = Math.max(position, created.position());
        }
        assertThat(here.count("&target=" + target, position)).isEqualTo(20);
        ObjectNode wish = LedgerClient.object();
        wish.putObject("filter").put("target", target);
        Answer begun = sound(here.post("/v1/runs/bulk/cancel", wish));
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode operation = there.read("/v1/operations/" + begun.id());
            assertThat(operation.get("status").asString()).as("%s", operation).isEqualTo("completed");
            assertThat(operation.get("done").asInt()).as("%s", operation).isEqualTo(20);
        });
    }

    /** Each may tell what the other does not know; what both tell is the same. */
    private void isTheSame(String path, String... headers) {
        JsonNode one = here.read(path, headers);
        JsonNode other = there.read(path, headers);
        assertThat(differences("", one, other))
                .as("%s: %s and %s", path, one, other)
                .isEmpty();
    }

    static List<String> differences(String place, JsonNode one, JsonNode other) {
        List<String> differences = new ArrayList<>();
        if (one.isObject() && other.isObject()) {
            one.properties().forEach(field -> {
                if (other.has(field.getKey())) {
                    differences.addAll(
                            differences(place + "/" + field.getKey(), field.getValue(), other.get(field.getKey())));
                }
            });
        } else if (one.isArray() && other.isArray() && one.size() == other.size()) {
            for (int i = 0; i < one.size(); i++) {
                differences.addAll(differences(place + "/" + i, one.get(i), other.get(i)));
            }
        } else if (!one.equals(other)) {
            differences.add(place);
        }
        return differences;
    }
}
