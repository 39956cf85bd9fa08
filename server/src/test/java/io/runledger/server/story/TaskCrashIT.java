package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Random plans with real workers while the server is killed: each ends as the words of the domain say, nothing is doubled. */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class TaskCrashIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int PLANS = Figures.isThorough() ? 500 : 12;
    private static final int AT_ONCE = Figures.isThorough() ? 50 : 12;
    private static final int KILLS = Figures.isThorough() ? 3 : 1;
    private static final int WORKERS = 4;
    private static final int ATTEMPTS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final LedgerProcess ledger = LedgerProcess.named("task-crash");
    private final LedgerClient client = new LedgerClient(ledger);
    private volatile boolean working = true;

    /** What a plan says of a task, and what its workers do. */
    private record Fate(List<String> needs, boolean holds, boolean optional, int failures) {}

    @Test
    void plans_end_as_they_must_however_often_the_server_is_killed() throws Exception {
        Map<String, Integer> ends = new HashMap<>();
        int tasks = 0;
        int kills = 0;
        List<Thread> workers = new ArrayList<>();
        try (ledger) {
            ledger.start();
            for (int i = 0; i < WORKERS; i++) {
                String name = "worker-" + i;
                workers.add(Thread.ofVirtual().start(() -> work(name)));
            }
            for (int first = 0; first < PLANS; first += AT_ONCE) {
                Map<String, Map<String, Fate>> plans = new HashMap<>();
                for (int i = first; i < Math.min(first + AT_ONCE, PLANS); i++) {
                    Random random = new Random(SEED + i);
                    Map<String, Fate> fates = fates(random, 5 + random.nextInt(Figures.isThorough() ? 56 : 16));
                    plans.put(create(fates, random.nextBoolean(), "plan-" + i), fates);
                    tasks += fates.size();
                }
                Random moments = new Random(SEED - first);
                for (int kill = 0; kill < KILLS; kill++) {
                    int wanted = 1 + moments.nextInt(5);
                    int before = ended(plans.keySet());
                    ledger.until(
                            () -> ended(plans.keySet()) >= Math.min(before + wanted, plans.size()),
                            PATIENCE,
                            "on its way");
                    ledger.kill9();
                    kills++;
                    ledger.start();
                }
                ledger.until(() -> ended(plans.keySet()) == plans.size(), PATIENCE, "at the end of all plans");
                plans.forEach((run, fates) -> ends.merge(check(run, fates), 1, Integer::sum));
                Ledger.assertChainsHold(List.copyOf(plans.keySet()), client);
            }
            working = false;
            for (Thread worker : workers) {
                worker.join();
            }
        }
        assertThat(ends.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(PLANS);
        Figures.print(
                "%d plans of %d tasks, %d workers, the server killed %d times: %s; no task was doubled or forgotten",
                PLANS, tasks, WORKERS, kills, ends);
    }

    private static Map<String, Fate> fates(Random random, int count) {
        Map<String, Fate> fates = new HashMap<>();
        boolean calm = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            List<String> needs = new ArrayList<>();
            for (int j = 0; j < i; j++) {
                if (random.nextInt(i) < 2) {
                    needs.add("t" + j);
                }
            }
            boolean optional = random.nextInt(4) == 0;
            boolean fails = random.nextInt(optional ? 3 : calm ? 1_000 : 15) == 0;
            fates.put("t" + i, new Fate(needs, random.nextInt(8) > 0, optional, fails ? 1_000 : random.nextInt(8) / 7));
        }
        return fates;
    }

    private String create(Map<String, Fate> fates, boolean failFast, String key) throws IOException {
        ObjectNode body = LedgerClient.object();
        body.put("target", "workflow:random").put("key", key).put("command_id", "once");
        body.put("on_failure", failFast ? "fail_fast" : "finish_what_runs");
        ObjectNode holds = body.putObject("input").putObject("holds");
        ArrayNode tasks = body.putArray("tasks");
        fates.forEach((name, fate) -> {
            holds.put(name, fate.holds());
            ObjectNode task = tasks.addObject();
            task.put("key", name)
                    .put("kind", "part")
                    .put("max_attempts", ATTEMPTS)
                    .put("optional", fate.optional());
            task.put("if", "run.input.holds." + name);
            task.putObject("input").put("failures", fate.failures());
            fate.needs().forEach(task.withArray("depends_on")::add);
        });
        Answer created = client.post("/v1/runs", body);
        assertThat(created.status()).as("%s", created.body()).isEqualTo(201);
        return created.id();
    }

    private int ended(Set<String> runs) {
        int ended = 0;
        for (String run : runs) {
            try {
                Answer answer = client.get("/v1/runs/" + run);
                ended += answer.status() == 200
                                && !answer.body().at("/finished_at").isNull()
                        ? 1
                        : 0;
            } catch (IOException away) {
                return 0;
            }
        }
        return ended;
    }

    /** Takes what there is and does what its input says; what the server did not hear is not said again. */
    private void work(String name) {
        ObjectNode wish = LedgerClient.object();
        wish.put("worker", name).put("max", 5).put("lease_seconds", 3).put("wait_seconds", 1);
        while (working) {
            try {
                Answer claims = client.post("/v1/claims", wish);
                for (JsonNode claim : claims.body().path("claims")) {
                    report(claim);
                }
            } catch (IOException | IllegalStateException away) {
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> !working || client.get("/v1/queues").isSuccess());
            }
        }
    }

    private void report(JsonNode claim) throws IOException {
        ObjectNode body = LedgerClient.object();
        body.put("lease_token", claim.at("/lease_token").asString());
        boolean fails =
                claim.at("/attempt").asInt() <= claim.at("/run/input/failures").asInt();
        if (fails) {
            body.putObject("error").put("code", "broken").put("message", "it broke");
        } else {
            body.put("output", 1);
        }
        client.post("/v1/runs/" + claim.at("/run/id").asString() + (fails ? "/fail" : "/complete"), body);
    }

    /** Holds a run against the words of the domain; answers with how it ended. */
    private String check(String run, Map<String, Fate> fates) {
        JsonNode view = client.read("/v1/runs/" + run);
        Map<String, String> statuses = new HashMap<>();
        Set<String> children = new HashSet<>();
        view.at("/tasks").forEach(task -> {
            statuses.put(task.at("/key").asString(), task.at("/status").asString());
            if (!task.at("/id").isNull()) {
                assertThat(children.add(task.at("/id").asString())).isTrue();
                checkChild(run, task, fates.get(task.at("/key").asString()));
            }
        });
        boolean failed = fates.entrySet().stream()
                .anyMatch(fate ->
                        isBad(statuses.get(fate.getKey())) && !fate.getValue().optional());
        boolean partly = statuses.values().stream().anyMatch(TaskCrashIT::isBad);
        fates.forEach((key, fate) -> {
            String status = statuses.get(key);
            boolean ready =
                    fate.needs().stream().allMatch(need -> statuses.get(need).equals("succeeded"));
            if (status.equals("skipped")) {
                assertThat(failed || !ready || !fate.holds())
                        .as("%s of %s was skipped", key, run)
                        .isTrue();
            } else {
                assertThat(ready && fate.holds())
                        .as("%s of %s is %s", key, run, status)
                        .isTrue();
            }
        });
        String end = failed ? "failed" : partly ? "partially_succeeded" : "succeeded";
        assertThat(view.at("/status").asString()).as(run).isEqualTo(end);
        Set<String> made = new HashSet<>();
        for (JsonNode child : client.read("/v1/runs/" + run + "/tasks?limit=100", "Ledger-Position", position(run))
                .at("/data")) {
            made.add(child.at("/id").asString());
        }
        assertThat(made).as("the tasks of %s that were made", run).isEqualTo(children);
        return end;
    }

    private String position(String run) {
        JsonNode events = client.read("/v1/runs/" + run + "/events?include=tasks&limit=1000")
                .at("/data");
        return events.get(events.size() - 1).at("/position").asString();
    }

    private static boolean isBad(String status) {
        return status.equals("failed") || status.equals("cancelled");
    }

    private void checkChild(String run, JsonNode task, Fate fate) {
        JsonNode child = client.read("/v1/runs/" + task.at("/id").asString());
        assertThat(child.at("/parent_id").asString()).isEqualTo(run);
        assertThat(child.at("/status").asString()).isEqualTo(task.at("/status").asString());
        assertThat(child.at("/attempt").asInt()).isLessThanOrEqualTo(ATTEMPTS);
        if (child.at("/status").asString().equals("succeeded")) {
            assertThat(fate.failures()).isLessThan(child.at("/attempt").asInt());
        }
    }
}
