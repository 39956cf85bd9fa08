package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Runs made of tasks over HTTP, row by row of the list of features (S4); the rows of its façade (S4-35: an ingest that nobody asked for) are not here. */
@RunningLedger
class TaskEndpointsTest {

    private static final AtomicInteger QUEUES = new AtomicInteger();
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String FILM = """
            {"target": "workflow:film", "input": {"file": "%1$s", "media": "%1$s"}, "tasks": [
              {"key": "ingest", "kind": "ingest", "queue": "%2$s", "input": {"file": {"$ref": "/run/input/file"}}, "next": [
                {"key": "video", "kind": "video", "queue": "%2$s", "if": "tasks.ingest.output.media == 'video'",
                 "input": {"url": {"$ref": "/tasks/ingest/output/url"}, "height": 720}, "next": [
                   {"key": "thumbnails", "kind": "thumbnails", "queue": "%2$s",
                    "input": {"url": {"$ref": "/tasks/video/output/url"}}}]},
                {"key": "speech", "kind": "speech", "queue": "%2$s",
                 "input": {"url": {"$ref": "/tasks/ingest/output/url"}}},
                {"key": "summary", "kind": "summary", "queue": "%2$s"}]}]}""";

    private final LedgerClient ledger;
    private String queue;

    TaskEndpointsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeEach
    void ownQueue() {
        queue = "tasks-" + QUEUES.incrementAndGet();
    }

    private TaskWorker worker() {
        return new TaskWorker(ledger, queue)
                .does(
                        "ingest",
                        input -> "{\"url\": \"s3://" + input.at("/file").asString() + "\", \"media\": \""
                                + input.at("/file").asString() + "\", \"bytes\": 12345678901234567890.10}")
                .does("video", input -> "{\"url\": \"" + input.at("/url").asString() + "/720p\"}")
                .does("thumbnails", input -> "[\"" + input.at("/url").asString() + "/1.png\"]")
                .does("speech", _ -> "\"hello\"")
                .does("summary", _ -> "null");
    }

    private String create(String body) {
        return ledger.post("/v1/runs", body).is(201).text("/id");
    }

    private String task(String key, String more) {
        return "{\"key\": \"" + key + "\", \"kind\": \"" + key + "\", \"queue\": \"" + queue + "\"" + more + "}";
    }

    private String plan(String... tasks) {
        return "{\"target\": \"workflow:w\", \"tasks\": [" + String.join(",", tasks) + "]}";
    }

    private JsonNode ended(String run, String status) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ledger.run(run).at("/status").asString())
                        .as(() -> ledger.run(run).toString())
                        .isEqualTo(status));
        return ledger.run(run);
    }

    private static JsonNode task(JsonNode run, String key) {
        return run.at("/tasks")
                .valueStream()
                .filter(task -> task.at("/key").asString().equals(key))
                .findAny()
                .orElseThrow();
    }

    private String childOf(String run, String key) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ledger.get("/v1/tasks/"
                                        + task(ledger.run(run), key).at("/id").asString())
                                .status())
                        .isEqualTo(200));
        return task(ledger.run(run), key).at("/id").asString();
    }

    private List<String> types(String run) {
        List<String> types = new ArrayList<>();
        ledger.get("/v1/runs/" + run + "/events?limit=1000")
                .is(200)
                .json()
                .at("/data")
                .forEach(event -> types.add(event.at("/type").asString()));
        return types;
    }

    private Instant time(String run, String name) {
        return Instant.parse(ledger.run(run).at("/" + name).asString());
    }

    @Test
    @DisplayName("S4-01 a run has at least one task")
    void no_tasks_are_no_plan() {
        ledger.post("/v1/runs", "{\"target\": \"workflow:w\", \"tasks\": []}").pointsTo("/tasks");
    }

    @Test
    @DisplayName(
            "S4-02 … S4-05, S4-08, S4-09, S4-21 … S4-24, S4-36: chain, parallel, conditional in one call, its ingest explicit;"
                    + " the video example")
    void a_film_is_ingested_then_worked_on_in_parallel_and_the_thumbnails_come_after_the_video() {
        try (TaskWorker worker = worker().start(4)) {
            String run = create(FILM.formatted("video", queue));
            JsonNode done = ended(run, "succeeded");

            assertThat(ledger.get("/v1/runs/" + run).body())
                    .contains("\"output\":{\"ingest\":{\"url\":\"s3://video\",\"media\":\"video\","
                            + "\"bytes\":12345678901234567890.10},\"video\":{\"url\":\"s3://video/720p\"},"
                            + "\"thumbnails\":[\"s3://video/720p/1.png\"],\"speech\":\"hello\",\"summary\":null}");
            assertThat(done.at("/tasks"))
                    .allSatisfy(
                            task -> assertThat(task.at("/status").asString()).isEqualTo("succeeded"));
            for (String sibling : List.of("video", "speech", "summary")) {
                assertThat(time(childOf(run, sibling), "created_at"))
                        .isAfterOrEqualTo(time(childOf(run, "ingest"), "finished_at"));
            }
            assertThat(time(childOf(run, "thumbnails"), "created_at"))
                    .isAfterOrEqualTo(time(childOf(run, "video"), "finished_at"));
            assertThat(worker.begun("video")).isEqualTo(1);
            assertThat(ledger.run(childOf(run, "video")).at("/input").toString())
                    .isEqualTo("{\"url\":\"s3://video\",\"height\":720}");
        }
    }

    @Test
    @DisplayName("S4-22 siblings in next really overlap")
    void siblings_are_there_to_be_claimed_at_the_same_time() {
        String run = create(plan(task("a", ""), task("b", ""), task("c", "")));
        List<String> claimed = new ArrayList<>();
        await().atMost(SOON).until(() -> {
            ledger.post(
                            "/v1/claims",
                            "{\"worker\": \"w\", \"queues\": [\"" + queue + "\"], \"max\": 3, \"lease_seconds\": 30}")
                    .json()
                    .at("/claims")
                    .forEach(claim -> claimed.add(claim.at("/run/target").asString()));
            return claimed.size() == 3;
        });
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(ledger.run(run).at("/tasks"))
                        .extracting(task -> task.at("/status").asString())
                        .containsOnly("running"));
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("running");
    }

    @Test
    @DisplayName("S4-25, S4-26 with an audio file the video-only tasks are skipped, the others run, the run succeeds")
    void an_audio_file_has_no_video() {
        try (TaskWorker worker = worker().start(2)) {
            JsonNode done = ended(create(FILM.formatted("audio", queue)), "succeeded");
            assertThat(task(done, "video").at("/status").asString()).isEqualTo("skipped");
            assertThat(task(done, "video").at("/reason").asString()).isEqualTo("condition");
            assertThat(task(done, "thumbnails").at("/reason").asString()).isEqualTo("dependency");
            assertThat(task(done, "summary").at("/status").asString()).isEqualTo("succeeded");
            assertThat(done.at("/output").propertyNames()).containsExactly("ingest", "speech", "summary");
            assertThat(worker.begun("video")).isZero();
        }
    }

    @Test
    @DisplayName("S4-06, S4-07, S4-33 POST /tasks makes the run of one task; every task belongs to a run")
    void a_single_task_has_a_run() {
        Answer created = ledger.post(
                        "/v1/tasks",
                        "{\"kind\": \"video\", \"queue\": \"" + queue + "\", \"input\": {\"$ref\": \"as it is\"}}")
                .is(201);
        String id = created.text("/id");
        assertThat(created.header("location")).isEqualTo("/v1/tasks/" + id);
        assertThat(created.text("/target")).isEqualTo("task:video");
        assertThat(created.text("/input/$ref")).isEqualTo("as it is");
        String parent = created.text("/parent_id");
        assertThat(created.text("/root_id")).isEqualTo(parent);
        assertThat(ledger.run(parent).at("/tasks"))
                .singleElement()
                .satisfies(task -> assertThat(task.at("/id").asString()).isEqualTo(id));
        assertThat(ledger.get("/v1/tasks/" + id).is(200).text("/id")).isEqualTo(id);
        ledger.get("/v1/tasks/" + parent).isProblem(404, "not_found");
    }

    @Test
    @DisplayName("S4-37, S4-39 conditions and chaining are not for single tasks; S4-38, S4-40 they are for runs")
    void a_single_task_depends_on_nothing() {
        ledger.post("/v1/tasks", "{\"kind\": \"video\", \"if\": \"true\", \"next\": [], \"depends_on\": []}")
                .pointsTo("/if", "/next", "/depends_on");
        ledger.post("/v1/tasks", "{}").pointsTo("/target");
        ledger.post("/v1/tasks", "{\"kind\": \"a\", \"target\": \"task:a\"}").pointsTo("/kind");
        create(plan(task("a", ", \"if\": \"1 == 1\", \"next\": [" + task("b", "") + "]")));
    }

    @Test
    @DisplayName("S4-10, S4-11, S4-12, S4-27 the run shows its tasks, of any kind, in the words of runs")
    void the_run_shows_its_tasks() {
        String run = create(plan(task("chapters", ""), task("subtitles", ", \"depends_on\": [\"chapters\"]")));
        JsonNode view = ledger.run(run);
        assertThat(task(view, "chapters").at("/status").asString()).isEqualTo("queued");
        assertThat(task(view, "subtitles").at("/status").asString()).isEqualTo("created");
        assertThat(task(view, "subtitles").at("/id").isNull()).isTrue();
        JsonNode child = ledger.run(childOf(run, "chapters"));
        assertThat(child.at("/status").asString()).isEqualTo("queued");
        assertThat(child.at("/parent_id").asString()).isEqualTo(run);
        assertThat(child.at("/kind").asString()).isEqualTo("task");
        assertThat(child.at("/created_by").asString())
                .isEqualTo(view.at("/created_by").asString());
    }

    @Test
    @DisplayName("S4-13 … S4-17 created, validating, queued, running, finishing; S4-18 succeeded")
    void each_status_is_seen_in_its_order() {
        try (TaskWorker worker = worker().start(2)) {
            String run = create(plan(task("speech", ""), task("summary", "")));
            ended(run, "succeeded");
            List<String> types = types(run);
            types.removeIf(type -> type.startsWith("run.task"));
            assertThat(types)
                    .containsExactly(
                            "run.created",
                            "run.validating",
                            "run.queued",
                            "run.started",
                            "run.finishing",
                            "run.succeeded");
            assertThat(worker.begun("speech")).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("S4-19 one fails: the run has failed, its children in next are skipped, what ran may finish")
    void a_failed_task_fails_the_run() {
        try (TaskWorker worker = worker().does("bad", _ -> null).start(2)) {
            String run = create(plan(task("bad", ", \"next\": [" + task("video", "") + "]"), task("speech", "")));
            JsonNode failed = ended(run, "failed");
            assertThat(failed.at("/error/code").asString()).isEqualTo("task_failed");
            assertThat(failed.at("/error/message").asString()).contains("bad").contains("it broke");
            assertThat(task(failed, "video").at("/status").asString()).isEqualTo("skipped");
            assertThat(task(failed, "bad").at("/status").asString()).isEqualTo("failed");
            assertThat(worker.begun("video")).isZero();
        }
    }

    @Test
    @DisplayName("S4-20, S4-41 cancel mid-way reaches running and queued tasks")
    void cancel_goes_down() {
        String run = create(plan(task("a", ""), task("b", ""), task("c", ", \"depends_on\": [\"a\"]")));
        String a = childOf(run, "a");
        String b = childOf(run, "b");
        ledger.post("/v1/runs/" + a + "/start", "{}").is(200);
        ledger.post("/v1/runs/" + run + "/cancel", "{\"reason\": \"enough\"}").is(200);
        assertThat(ended(a, "cancelled").at("/status").asString()).isEqualTo("cancelled");
        ended(b, "cancelled");
        assertThat(task(ledger.run(run), "c").at("/status").asString()).isEqualTo("skipped");
        ledger.post("/v1/runs/" + a + "/complete", "{}").isProblem(409, "invalid_transition");
    }

    @Test
    void a_task_is_not_made_where_the_same_command_made_a_run_without_tasks() {
        String same = "{\"target\": \"task:t\", \"key\": \"no-single-task\", \"command_id\": \"once\"}";
        String run = create(same);
        Answer refused = ledger.post("/v1/tasks", same);
        refused.isProblem(409, "conflict");
        assertThat(refused.text("/detail")).contains(run);
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(1);
    }

    @Test
    void stop_goes_down_and_resume_lets_all_go_on() {
        String run = create(plan(task("a", ""), task("b", ", \"depends_on\": [\"a\"]")));
        String a = childOf(run, "a");
        ledger.post("/v1/runs/" + run + "/stop", "{}").is(200);
        ended(a, "stopped");
        ledger.post("/v1/runs/" + run + "/resume", "{}").is(200);
        ended(a, "queued");
        try (TaskWorker worker = worker().start(1)) {
            ended(run, "succeeded");
            assertThat(worker.begun("a")).isEqualTo(1);
        }
    }

    @Test
    void resume_runs_again_what_failed_and_keeps_the_rest() {
        AtomicInteger tries = new AtomicInteger();
        try (TaskWorker worker = worker().does("flaky", _ -> tries.incrementAndGet() == 1 ? null : "1")
                .start(2)) {
            String run = create(plan(task(
                    "speech", ", \"next\": [" + task("flaky", ", \"next\": [" + task("summary", "") + "]") + "]")));
            ended(run, "failed");
            String flaky = childOf(run, "flaky");
            ledger.post("/v1/runs/" + run + "/resume", "{}").is(200);
            JsonNode done = ended(run, "succeeded");
            assertThat(task(done, "flaky").at("/id").asString()).isEqualTo(flaky);
            assertThat(worker.begun("speech")).isEqualTo(1);
            assertThat(ledger.run(flaky).at("/attempt").asInt()).isEqualTo(2);
        }
    }

    @Test
    void an_optional_task_may_fail_and_failing_fast_cancels_the_others() {
        try (TaskWorker worker = worker().does("bad", _ -> null).start(2)) {
            String partly = create(plan(task("bad", ", \"optional\": true"), task("speech", "")));
            JsonNode done = ended(partly, "partially_succeeded");
            assertThat(done.at("/output").toString()).isEqualTo("{\"speech\":\"hello\"}");
            String fast = create("{\"target\": \"workflow:w\", \"on_failure\": \"fail_fast\", \"tasks\": ["
                    + task("bad", "") + ", {\"key\": \"slow\", \"kind\": \"slow\", \"queue\": \"" + queue
                    + "-nobody\"}]}");
            JsonNode failed = ended(fast, "failed");
            assertThat(task(failed, "slow").at("/status").asString()).isEqualTo("cancelled");
            assertThat(worker.begun("slow")).isZero();
        }
    }

    @Test
    void a_rerun_from_some_tasks_takes_the_others_over() {
        try (TaskWorker worker = worker().start(3)) {
            String first = create(FILM.formatted("video", queue));
            ended(first, "succeeded");
            String again = ledger.post("/v1/runs/" + first + "/rerun", "{\"from\": [\"video\"]}")
                    .is(201)
                    .text("/id");
            JsonNode done = ended(again, "succeeded");
            assertThat(done.at("/rerun_of").asString()).isEqualTo(first);
            assertThat(task(done, "ingest").at("/id").asString()).isEqualTo(childOf(first, "ingest"));
            assertThat(task(done, "video").at("/id").asString()).isNotEqualTo(childOf(first, "video"));
            assertThat(done.at("/output/speech").asString()).isEqualTo("hello");
            assertThat(worker.begun("ingest")).isEqualTo(1);
            assertThat(worker.begun("video")).isEqualTo(2);
            assertThat(worker.begun("thumbnails")).isEqualTo(2);
            ledger.post("/v1/runs/" + first + "/rerun", "{\"from\": [\"video\", \"nobody\"]}")
                    .pointsTo("/from/1");
            ledger.post("/v1/runs/" + ledger.queued() + "/rerun", "{\"from\": [\"a\"]}")
                    .pointsTo("/from");
        }
    }

    @Test
    @DisplayName("S4-28 … S4-32, S4-34 tasks are listed, page by page, filtered and ordered")
    void tasks_are_listed() {
        String run = create(plan(task("a", ""), task("b", ""), task("c", "")));
        childOf(run, "a");
        childOf(run, "b");
        String position = ledger.get("/v1/runs/" + childOf(run, "c")).header("ledger-position");
        Answer first = ledger.get("/v1/runs/" + run + "/tasks?limit=2&order=asc", "Ledger-Position", position)
                .is(200);
        assertThat(first.json().at("/data")).hasSize(2);
        assertThat(first.json().at("/has_more").asBoolean()).isTrue();
        Answer second = ledger.get(
                        "/v1/runs/" + run + "/tasks?limit=2&order=asc&after=" + first.text("/next"),
                        "Ledger-Position",
                        position)
                .is(200);
        assertThat(second.json().at("/data")).hasSize(1);
        Answer back = ledger.get("/v1/runs/" + run + "/tasks?limit=2&order=asc&before=" + second.text("/previous"))
                .is(200);
        assertThat(back.json().at("/data")).isEqualTo(first.json().at("/data"));
        assertThat(ledger.get("/v1/tasks?status=queued&queue=" + queue + "&count=true")
                        .number("/total"))
                .isEqualTo(3);
        assertThat(ledger.get("/v1/runs?queue=" + queue + "&count=true").number("/total"))
                .isZero();
        ledger.get("/v1/runs/01KGA0C8G0000000000000000A/tasks").isProblem(404, "not_found");
        ledger.get("/v1/tasks?after=" + first.text("/next")).isProblem(400, "bad_request");
        ledger.get("/v1/tasks?tasks=1").isProblem(400, "bad_request");
    }

    @Test
    @DisplayName("S4-42 the whole plan is looked through before anything of it is done")
    void everything_that_is_wrong_with_a_plan_is_told_at_once() {
        long before = ledger.get("/v1/runs?count=true&target=workflow:w").number("/total");
        ledger.post(
                        "/v1/runs",
                        "{\"target\": \"workflow:w\", \"inputs\": [1], \"max_attempts\": 2, \"tasks\": ["
                                + "{\"key\": \"a\", \"kind\": \"a\", \"depends_on\": [\"c\"], \"next\": [{\"key\": \"c\", \"kind\": \"c\"}]},"
                                + "{\"key\": \"b\", \"kind\": \"b\", \"depends_on\": [\"nobody\"], \"if\": \"tasks.a.output.x ==\"},"
                                + "{\"key\": \"b\", \"kind\": \"b\", \"target\": \"task:b\"},"
                                + "{\"key\": \"d\", \"if\": \"tasks.b.status == 'x' && 1 == 1\"},"
                                + "{\"kind\": \"e\", \"input\": [{\"$ref\": \"/tasks/b/output\"}, {\"$ref\": 1}, {\"$ref\": \"/run/x\"},"
                                + " {\"$ref\": \"/run/input\", \"x\": 1}, {\"$literal\": {\"$ref\": 1}}]}]}")
                .pointsTo(
                        "/inputs",
                        "/max_attempts",
                        "/tasks/0/depends_on",
                        "/tasks/0/next/0/depends_on",
                        "/tasks/1/depends_on",
                        "/tasks/1/if",
                        "/tasks/2/key",
                        "/tasks/2/kind",
                        "/tasks/3/target",
                        "/tasks/3/if",
                        "/tasks/4/input/0/$ref",
                        "/tasks/4/input/1/$ref",
                        "/tasks/4/input/2/$ref",
                        "/tasks/4/input/3");
        ledger.post("/v1/runs", "{\"target\": \"workflow:w\", \"on_failure\": \"fail_fast\"}")
                .pointsTo("/on_failure");
        ledger.post("/v1/runs", "{\"target\": \"workflow:w\", \"on_failure\": \"x\", \"tasks\": [{\"kid\": 1}]}")
                .pointsTo("/on_failure", "/tasks/0/kid");
        assertThat(ledger.get("/v1/runs?count=true&target=workflow:w").number("/total"))
                .isEqualTo(before);
    }

    @Test
    void a_run_has_so_many_tasks_at_most() {
        StringBuilder tasks = new StringBuilder("{\"key\": \"t0\", \"kind\": \"x\", \"queue\": \"" + queue + "\"}");
        for (int i = 1; i < 1_000; i++) {
            tasks.append(",{\"key\": \"t")
                    .append(i)
                    .append("\", \"kind\": \"x\", \"queue\": \"" + queue + "\", \"depends_on\": [\"t0\"]}");
        }
        ledger.post(
                        "/v1/runs",
                        "{\"target\": \"workflow:w\", \"tasks\": [" + tasks
                                + ", {\"key\": \"more\", \"kind\": \"x\"}]}")
                .pointsTo("/tasks");
        String run = create("{\"target\": \"workflow:w\", \"tasks\": [" + tasks + "]}");
        assertThat(ledger.run(run).at("/tasks")).hasSize(1_000);
        ledger.post("/v1/runs/" + run + "/cancel", "{}").is(200);
        assertThat(task(ledger.run(run), "t999").at("/status").asString()).isEqualTo("skipped");
    }

    @Test
    void what_cannot_be_done_fails_with_its_reason() {
        try (TaskWorker worker = worker().start(1)) {
            String run = create(plan(task(
                    "speech",
                    ", \"next\": [" + task("lost", ", \"input\": {\"$ref\": \"/tasks/speech/output/absent\"}") + "]")));
            JsonNode failed = ended(run, "failed");
            assertThat(failed.at("/error/message").asString()).contains("lost").contains("/tasks/speech/output/absent");
            String unclear = create(plan(task("speech", ", \"if\": \"run.input.absent == 1\"")));
            assertThat(ended(unclear, "failed").at("/error/message").asString()).contains("speech");
            assertThat(worker.begun("lost")).isZero();
        }
    }

    @Test
    void nobody_else_drives_a_run_that_is_made_of_tasks() {
        String run = create(plan(task("a", "")));
        for (String command : List.of("start", "finish", "complete")) {
            Answer refused = ledger.post("/v1/runs/" + run + "/" + command, "{}");
            assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        }
        assertThat(ledger.post(
                                "/v1/claims",
                                "{\"worker\": \"w\", \"targets\": [\"workflow:w\"], \"max\": 10, \"lease_seconds\": 1}")
                        .is(200)
                        .json()
                        .at("/claims"))
                .isEmpty();
    }

    @Test
    void the_past_of_a_run_has_the_tasks_of_then() {
        String run = create(plan(task("a", ""), task("b", ", \"depends_on\": [\"a\"]")));
        assertThat(ledger.get("/v1/runs/" + run + "?as_of=0").is(200).text("/tasks/0/status"))
                .isEqualTo("created");
        assertThat(ledger.get("/v1/runs/" + run + "/history").is(200).body()).contains("run.tasks_queued");
        assertThat(ledger.get("/v1/runs/" + run + "/verify")
                        .is(200)
                        .json()
                        .at("/valid")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void the_events_of_its_tasks_are_among_those_of_the_run_when_they_are_asked_for() throws Exception {
        String run = create(plan(task("speech", ""), task("summary", ", \"depends_on\": [\"speech\"]")));
        String path = "/v1/runs/" + run + "/events?include=tasks";
        InputStream live = ledger.open(ledger.request(path).header("accept", "text/event-stream"));
        try (TaskWorker worker = worker().start(1)) {
            ended(run, "succeeded");
            assertThat(worker.begun("summary")).isEqualTo(1);
        }
        List<Long> streamed = new ArrayList<>();
        new String(live.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("id:"))
                .forEach(line -> streamed.add(Long.parseLong(line.substring(3).strip())));
        JsonNode page = ledger.get(path + "&limit=1000").is(200).json();
        List<Long> positions = new ArrayList<>();
        Set<String> runs = new HashSet<>();
        page.at("/data").forEach(event -> {
            positions.add(event.at("/position").asLong());
            runs.add(event.at("/run_id").asString());
        });
        assertThat(positions).isSorted().doesNotHaveDuplicates().isEqualTo(streamed);
        assertThat(runs).containsExactlyInAnyOrder(run, childOf(run, "speech"), childOf(run, "summary"));
        assertThat(ledger.get(path + "&type=run.started&after=" + positions.getFirst())
                        .json()
                        .at("/data"))
                .hasSize(3);
        assertThat(ledger.get("/v1/runs/" + run + "/events?limit=1000")
                        .json()
                        .at("/data")
                        .size())
                .isLessThan(positions.size());
        ledger.get("/v1/runs/" + run + "/events?include=all").isProblem(400, "bad_request");
        ledger.get("/v1/runs/01KGA0C8G0000000000000000A/events?include=tasks").isProblem(404, "not_found");
        Answer over = ledger.get(
                path,
                "accept",
                "text/event-stream",
                "Last-Event-ID",
                positions.getLast().toString());
        assertThat(over.status()).isEqualTo(204);
    }
}
