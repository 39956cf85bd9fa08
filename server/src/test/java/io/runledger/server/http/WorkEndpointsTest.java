package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Work over HTTP: terms of a run, claims, heartbeats, timers, queues. Each test has a queue of its own. */
@RunningLedger
class WorkEndpointsTest {

    private static final AtomicInteger QUEUES = new AtomicInteger();
    private static final Duration SOON = Duration.ofSeconds(10);

    private final LedgerClient ledger;
    private String queue;

    WorkEndpointsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @BeforeEach
    void ownQueue() {
        queue = "work-" + QUEUES.incrementAndGet();
    }

    private String create(String more) {
        return ledger.post("/v1/runs", "{\"target\": \"task:t\", \"queue\": \"" + queue + "\"" + more + "}")
                .is(201)
                .text("/id");
    }

    private Answer claim(String more) {
        return ledger.post(
                        "/v1/claims",
                        "{\"worker\": \"w1\", \"lease_seconds\": 30, \"queues\": [\"" + queue + "\"]" + more + "}")
                .is(200);
    }

    private JsonNode claimed() {
        JsonNode claims = claim("").json().at("/claims");
        assertThat(claims).hasSize(1);
        return claims.get(0);
    }

    private void until(String run, String status) {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(ledger.run(run).at("/status").asString()).isEqualTo(status));
    }

    @Test
    void a_run_shows_on_which_terms_it_is_executed() {
        String parent = create("");
        JsonNode run = ledger.run(
                create(", \"max_attempts\": 3, \"backoff\": {\"initial\": \"PT1S\", \"factor\": 3, \"max\": \"PT1M\"},"
                        + " \"timeout\": \"PT5M\", \"ttl\": \"PT1H\", \"run_at\": \"2999-01-01T00:00:00Z\","
                        + " \"concurrency\": {\"key\": \"c\", \"limit\": 2}, \"depends_on\": [\"" + parent + "\"]"));

        assertThat(run.at("/status").asString()).isEqualTo("scheduled");
        assertThat(run.at("/run_at").asString()).startsWith("2999-01-01T00:00:00");
        assertThat(run.at("/expires_at").asString()).startsWith("2999-01-01T01:00:00");
        assertThat(run.at("/max_attempts").asInt()).isEqualTo(3);
        assertThat(run.at("/backoff/initial").asString()).isEqualTo("PT1S");
        assertThat(run.at("/backoff/factor").asDouble()).isEqualTo(3);
        assertThat(run.at("/backoff/max").asString()).isEqualTo("PT1M");
        assertThat(run.at("/timeout").asString()).isEqualTo("PT5M");
        assertThat(run.at("/concurrency/key").asString()).isEqualTo("c");
        assertThat(run.at("/concurrency/limit").asInt()).isEqualTo(2);
        assertThat(run.at("/depends_on/0").asString()).isEqualTo(parent);
    }

    @Test
    void wrong_terms_are_refused_all_at_once_with_their_places() {
        Answer answer = ledger.post("/v1/runs", """
                {"target": "task:t", "run_at": "soon", "timeout": "PT0S", "ttl": "P400D", "max_attempts": 0,
                 "backoff": {"initial": "-PT1S", "factor": 0.5, "max": "P2D", "jitter": 1},
                 "concurrency": {"limit": 0}, "depends_on": ["nobody"]}""");

        answer.isProblem(400, "bad_request");
        assertThat(answer.json()
                        .at("/errors")
                        .valueStream()
                        .map(error -> error.at("/pointer").asString()))
                .containsExactlyInAnyOrder(
                        "/run_at",
                        "/timeout",
                        "/ttl",
                        "/max_attempts",
                        "/backoff/initial",
                        "/backoff/factor",
                        "/backoff/max",
                        "/backoff/jitter",
                        "/concurrency/key",
                        "/concurrency/limit",
                        "/depends_on/0");
        Answer unknown =
                ledger.post("/v1/runs", "{\"target\": \"task:t\", \"depends_on\": [\"01KGA0C8G0000000000000000A\"]}");
        unknown.isProblem(400, "bad_request");
        assertThat(unknown.text("/errors/0/pointer")).isEqualTo("/depends_on/0");
    }

    @Test
    void a_wrong_claim_or_heartbeat_is_refused_with_its_places() {
        Answer claim = ledger.post(
                "/v1/claims",
                "{\"max\": 101, \"wait_seconds\": 31, \"targets\": [\"x\"], \"queues\": [\"\"], \"lease\": 1}");
        claim.isProblem(400, "bad_request");
        assertThat(claim.json()
                        .at("/errors")
                        .valueStream()
                        .map(error -> error.at("/pointer").asString()))
                .containsExactlyInAnyOrder(
                        "/max", "/wait_seconds", "/targets/0", "/queues/0", "/lease", "/worker", "/lease_seconds");
        String run = create("");
        Answer heartbeat = ledger.post("/v1/runs/" + run + "/heartbeat", "{\"progress\": {\"percent\": 101}}");
        heartbeat.isProblem(400, "bad_request");
        assertThat(heartbeat.json().at("/errors")).hasSize(2);
        ledger.post("/v1/runs/" + run + "/heartbeat", "{\"lease_token\": \"2.forged\"}")
                .isProblem(409, "lease_lost");
        ledger.post("/v1/runs/01KGA0C8G0000000000000000A/heartbeat", "{\"lease_token\": \"2.x\"}")
                .isProblem(404, "not_found");
    }

    @Test
    void a_worker_claims_tells_how_far_it_is_and_completes() {
        String run = create(", \"input\": {\"n\": 1}");
        JsonNode claim = claimed();
        String token = claim.at("/lease_token").asString();

        assertThat(claim.at("/run/id").asString()).isEqualTo(run);
        assertThat(claim.at("/run/input/n").asInt()).isEqualTo(1);
        assertThat(claim.at("/run/status").asString()).isEqualTo("running");
        assertThat(claim.at("/run/worker").asString()).isEqualTo("w1");
        assertThat(claim.at("/attempt").asInt()).isEqualTo(1);
        Instant ends = Instant.parse(claim.at("/lease_expires_at").asString());
        assertThat(claim("").json().at("/claims")).isEmpty();

        Answer heard = ledger.post(
                        "/v1/runs/" + run + "/heartbeat",
                        "{\"lease_token\": \"" + token + "\", \"progress\": {\"percent\": 40, \"message\": \"on it\"}}")
                .is(200);
        assertThat(heard.text("/action")).isEqualTo("continue");
        assertThat(Instant.parse(heard.text("/lease_expires_at"))).isAfter(ends);
        JsonNode shown = ledger.run(run);
        assertThat(shown.at("/progress/percent").asDouble()).isEqualTo(40);
        assertThat(shown.at("/progress/message").asString()).isEqualTo("on it");
        assertThat(shown.at("/lease_expires_at").asString()).isEqualTo(heard.text("/lease_expires_at"));
        assertThat(shown.at("/version").asInt()).as("a heartbeat is no event").isEqualTo(2);

        ledger.post("/v1/runs/" + run + "/progress", "{\"percent\": 60, \"lease_token\": \"" + token + "\"}")
                .is(200);
        assertThat(ledger.run(run).at("/progress/percent").asDouble()).isEqualTo(60);
        ledger.post("/v1/runs/" + run + "/complete", "{\"output\": 2}").isProblem(409, "lease_lost");
        ledger.post("/v1/runs/" + run + "/complete", "{\"output\": 2, \"lease_token\": \"" + token + "\"}")
                .is(200);
        assertThat(ledger.run(run).at("/status").asString()).isEqualTo("succeeded");
        ledger.post("/v1/runs/" + run + "/heartbeat", "{\"lease_token\": \"" + token + "\"}")
                .isProblem(409, "lease_lost");
    }

    @Test
    void a_heartbeat_hears_that_the_run_was_cancelled() {
        String run = create("");
        String token = claimed().at("/lease_token").asString();
        ledger.post("/v1/runs/" + run + "/cancel", "{}").is(200);

        Answer heard = ledger.post("/v1/runs/" + run + "/heartbeat", "{\"lease_token\": \"" + token + "\"}")
                .is(200);

        assertThat(heard.text("/action")).isEqualTo("cancel");
        assertThat(heard.json().at("/lease_expires_at").isNull()).isTrue();
    }

    @Test
    void a_worker_that_waits_is_answered_when_a_run_is_queued() throws Exception {
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> waiting = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                waiting.add(workers.submit(() -> claim(", \"wait_seconds\": 30")));
            }
            for (int i = 0; i < 50; i++) {
                create("");
            }
            for (Future<Answer> worker : waiting) {
                assertThat(worker.get().json().at("/claims")).hasSize(1);
            }
        }
    }

    @Test
    void a_lease_that_runs_out_is_ended_by_itself_and_the_run_is_queued_again() {
        String run = create(", \"max_attempts\": 2");
        ledger.post("/v1/runs/" + run + "/start", "{\"worker\": \"w0\", \"lease_seconds\": 1}")
                .is(200);

        until(run, "queued");

        assertThat(ledger.run(run).at("/error/code").asString()).isEqualTo("lease_expired");
        assertThat(claimed().at("/attempt").asInt()).isEqualTo(2);
    }

    @Test
    void a_failed_attempt_waits_for_its_back_off_and_is_queued_by_itself() {
        String run = create(", \"max_attempts\": 2, \"backoff\": {\"initial\": \"PT1S\"}");
        String token = claimed().at("/lease_token").asString();
        Answer failed = ledger.post(
                        "/v1/runs/" + run + "/fail",
                        "{\"error\": {\"code\": \"e\", \"message\": \"m\"}, \"lease_token\": \"" + token + "\"}")
                .is(200);
        assertThat(failed.text("/status")).isEqualTo("scheduled");
        assertThat(failed.text("/run_at")).isNotEmpty();

        assertThat(claim(", \"wait_seconds\": 30")
                        .json()
                        .at("/claims/0/attempt")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void an_attempt_that_takes_too_long_and_a_run_that_is_not_started_in_time_fail_by_themselves() {
        String slow = create(", \"timeout\": \"PT0.3S\"");
        claimed();
        String late = create(", \"ttl\": \"PT0.3S\"");

        until(slow, "failed");
        until(late, "failed");

        assertThat(ledger.run(slow).at("/error/code").asString()).isEqualTo("timed_out");
        assertThat(ledger.run(late).at("/error/code").asString()).isEqualTo("expired");
    }

    @Test
    void the_surplus_of_a_concurrency_is_blocked_and_follows() {
        String key = ", \"concurrency\": {\"key\": \"" + queue + "\", \"limit\": 1}";
        String first = create(key);
        String second = create(key);
        until(first, "queued");
        assertThat(ledger.run(second).at("/blocked_on").asString()).isEqualTo("concurrency:" + queue);

        ledger.post("/v1/runs/" + first + "/cancel", "{}").is(200);

        until(second, "queued");
    }

    @Test
    void a_run_waits_for_the_run_that_it_depends_on_and_is_skipped_when_that_fails() {
        String parent = create("");
        String child = create(", \"depends_on\": [\"" + parent + "\"]");
        assertThat(ledger.run(child).at("/blocked_on").asString()).isEqualTo("run:" + parent);
        String other = create(", \"depends_on\": [\"" + child + "\"]");
        ledger.post("/v1/runs/" + parent + "/start", "{}").is(200);
        ledger.post("/v1/runs/" + parent + "/complete", "{}").is(200);
        until(child, "queued");

        ledger.post("/v1/runs/" + child + "/cancel", "{}").is(200);

        until(other, "skipped");
        assertThat(ledger.run(other).at("/status_reason").asString()).isNotEmpty();
    }

    @Test
    void the_queues_are_listed() {
        create("");
        create("");
        claimed();

        JsonNode listed = ledger.get("/v1/queues").is(200).json().at("/data");

        JsonNode own = listed.valueStream()
                .filter(one -> one.at("/queue").asString().equals(queue))
                .findFirst()
                .orElseThrow();
        assertThat(own.at("/depth").asInt()).isEqualTo(1);
        assertThat(own.at("/running").asInt()).isEqualTo(1);
        assertThat(own.at("/workers").asInt()).isEqualTo(1);
        assertThat(own.at("/oldest_age_ms").asInt()).isNotNegative();
        ledger.get("/v1/queues?limit=1").isProblem(400, "bad_request");
    }
}
