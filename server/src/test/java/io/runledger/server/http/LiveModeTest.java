package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Callers who wait for the end of what they create, and runs that do again what others did. */
@RunningLedger
@TestInstance(Lifecycle.PER_CLASS)
class LiveModeTest {

    private final LedgerClient ledger;
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    LiveModeTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @AfterAll
    void close() {
        callers.close();
    }

    private static String create(String key) {
        return "{\"target\": \"task:live\", \"key\": \"" + key + "\"}";
    }

    private void untilThere(String run) {
        await().until(() -> ledger.get("/v1/runs/" + run).status() == 200);
    }

    @Test
    void who_waits_is_answered_with_the_ended_run() throws Exception {
        Future<Answer> waiting = callers.submit(() -> ledger.post("/v1/runs", create("live-1"), "Prefer", "wait=30"));
        untilThere("key:live-1");
        ledger.post("/v1/runs/key:live-1/start", "{}").is(200);
        assertThat(waiting.isDone()).isFalse();
        ledger.post("/v1/runs/key:live-1/complete", "{\"output\": {\"answer\": 42}}")
                .is(200);

        Answer answer = waiting.get().is(200);
        assertThat(answer.text("/status")).isEqualTo("succeeded");
        assertThat(answer.text("/mode")).isEqualTo("live");
        assertThat(answer.number("/output/answer")).isEqualTo(42);
        assertThat(answer.header("preference-applied")).isEqualTo("wait=30");
        assertThat(answer.header("location")).isEqualTo("/v1/runs/" + answer.text("/id"));
        assertThat(answer.header("etag")).isEqualTo("\"3\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "fail"})
    void any_end_is_an_end(String command) throws Exception {
        String key = "live-" + command;
        Future<Answer> waiting = callers.submit(() -> ledger.post("/v1/runs", create(key), "Prefer", "wait=30"));
        untilThere("key:" + key);
        ledger.post("/v1/runs/key:" + key + "/start", "{}").is(200);
        String body = command.equals("fail") ? "{\"error\": {\"code\": \"c\", \"message\": \"m\"}}" : "{}";
        ledger.post("/v1/runs/key:" + key + "/" + command, body).is(200);

        assertThat(waiting.get().is(200).text("/status")).isEqualTo(command.equals("fail") ? "failed" : "cancelled");
    }

    @Test
    void when_the_time_is_up_the_run_is_shown_as_it_is() {
        Answer answer =
                ledger.post("/v1/runs", create("live-late"), "Prefer", "wait=1").is(202);

        assertThat(answer.text("/status")).isEqualTo("queued");
        assertThat(ledger.run(answer.text("/id")).at("/version").asLong()).isEqualTo(answer.number("/version"));
    }

    @Test
    void nobody_waits_longer_than_is_allowed() throws Exception {
        Future<Answer> waiting =
                callers.submit(() -> ledger.post("/v1/runs", create("live-long"), "Prefer", "wait=999999999"));
        untilThere("key:live-long");
        ledger.post("/v1/runs/key:live-long/cancel", "{}").is(200);

        assertThat(waiting.get().is(200).header("preference-applied")).isEqualTo("wait=60");
    }

    @ParameterizedTest
    @ValueSource(strings = {"return=minimal", "wait", "wait=", "wait=-1", "wait=x", "await=10", ""})
    void another_preference_is_none(String prefer) {
        ledger.post("/v1/runs", "{\"target\": \"task:live\"}", "Prefer", prefer).is(201);
    }

    @Test
    void a_wait_may_stand_among_other_preferences() {
        ledger.post("/v1/runs", "{\"target\": \"task:live\"}", "Prefer", "respond-async, wait=0, x=1")
                .is(202);
    }

    @Test
    void a_bad_body_is_refused_at_once() {
        ledger.post("/v1/runs", "{\"target\": \"nothing\"}", "Prefer", "wait=30")
                .isProblem(400, "bad_request");
    }

    @Test
    void an_action_is_waited_for() throws Exception {
        Future<Answer> waiting =
                callers.submit(() -> ledger.post("/v1/actions/resize/live", "{\"input\": 1, \"stage\": \"beta\"}"));
        String list = "/v1/runs?target=action:resize&status=queued";
        await().until(() -> ledger.get(list).is(200).json().at("/data").size() == 1);
        String run = ledger.get(list).text("/data/0/id");
        ledger.post("/v1/runs/" + run + "/start", "{}").is(200);
        ledger.post("/v1/runs/" + run + "/complete", "{\"output\": 2}").is(200);

        Answer answer = waiting.get().is(200);
        assertThat(answer.text("/id")).isEqualTo(run);
        assertThat(answer.text("/stage")).isEqualTo("beta");
        assertThat(answer.number("/output")).isEqualTo(2);
    }

    @Test
    void an_action_takes_many_inputs_as_one_run() {
        Answer batch = ledger.post("/v1/actions/resize-all/async", "{\"inputs\": [1, {\"a\": 2}, \"x\"]}")
                .is(201);

        assertThat(batch.text("/target")).isEqualTo("action:resize-all");
        assertThat(batch.text("/status")).isEqualTo("queued");
        assertThat(batch.number("/items/total")).isEqualTo(3);
        ledger.post("/v1/actions/resize-all/async", "{}").isProblem(400, "bad_request");
    }

    @Test
    void an_action_needs_a_name_that_is_one() {
        ledger.post("/v1/actions/-/live", "{}").isProblem(400, "bad_request");
    }

    @Test
    void schedules_are_not_there_yet() {
        ledger.post("/v1/actions/resize/schedule", "{}").isProblem(501, "not_implemented");
    }

    @Test
    void a_rerun_is_a_new_run_with_the_same_input() {
        String first = ledger.post("/v1/runs", """
                        {"target": "task:again", "key": "again", "name": "n", "input": {"z": 1.10, "a": []}, "config": [1],
                         "labels": {"a": "b"}, "metadata": null, "stage": "beta", "queue": "q", "priority": 7,
                         "max_attempts": 3, "timeout": "PT5M", "backoff": {"initial": "PT1S"}}""").is(201).text("/id");
        ledger.post("/v1/runs/" + first + "/cancel", "{}").is(200);

        Answer again = ledger.post("/v1/runs/key:again/rerun", "{}").is(201);

        assertThat(again.text("/id")).isNotEqualTo(first);
        assertThat(again.header("location")).isEqualTo("/v1/runs/" + again.text("/id"));
        assertThat(again.text("/rerun_of")).isEqualTo(first);
        assertThat(again.text("/status")).isEqualTo("queued");
        for (String same : new String[] {
            "/target",
            "/name",
            "/input",
            "/config",
            "/labels",
            "/stage",
            "/queue",
            "/priority",
            "/max_attempts",
            "/timeout",
            "/backoff"
        }) {
            assertThat(again.json().at(same))
                    .as(same)
                    .isEqualTo(ledger.run(first).at(same));
        }
        assertThat(again.json().at("/key").isNull()).isTrue();
        assertThat(ledger.run(again.text("/id")).at("/rerun_of").asString()).isEqualTo(first);
    }

    @Test
    void a_rerun_may_be_different() {
        String first = ledger.queued();

        Answer again = ledger.post(
                        "/v1/runs/" + first + "/rerun", "{\"input\": 2, \"priority\": -1, \"key\": \"other\"}")
                .is(201);

        assertThat(again.number("/input")).isEqualTo(2);
        assertThat(again.number("/priority")).isEqualTo(-1);
        assertThat(again.text("/key")).isEqualTo("other");
    }

    @Test
    void a_rerun_may_ask_for_a_version() {
        String path = "/v1/runs/" + ledger.queued() + "/rerun";

        ledger.post(path, "{}", "If-Match", "\"0\"").isProblem(412, "version_mismatch");
        ledger.post(path, "{}", "If-Match", "\"1\"").is(201);
    }

    @Test
    void a_rerun_needs_a_run_and_a_right_body() {
        ledger.post("/v1/runs/01KGA0C8G0000000000000000A/rerun", "{}").isProblem(404, "not_found");
        ledger.post("/v1/runs/" + ledger.queued() + "/rerun", "{\"target\": \"task:x\"}")
                .isProblem(400, "bad_request");
    }
}
