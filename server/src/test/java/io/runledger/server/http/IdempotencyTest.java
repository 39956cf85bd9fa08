package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.command.idempotency.IdempotentRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A request that is sent again with its Idempotency-Key has no second effect and gets the first answer. */
@RunningLedger
class IdempotencyTest {

    private static final String KEY = "Idempotency-Key";
    private static final String CREATE = "{\"target\": \"task:once\", \"input\": {\"a\": 1}}";
    private static final int CROWD = 32;

    private final LedgerClient ledger;
    private final IdempotentRequests requests;
    private final JdbcClient owner = SharedPostgres.owner();

    IdempotencyTest(@LocalServerPort int port, IdempotentRequests requests) {
        ledger = new LedgerClient(port);
        this.requests = requests;
    }

    private static String newKey() {
        return UUID.randomUUID().toString();
    }

    private static void isReplayOf(Answer first, Answer again) {
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(first.header("idempotency-replayed")).isNull();
        assertThat(again.status()).isEqualTo(first.status());
        assertThat(again.body()).isEqualTo(first.body());
        for (String header : List.of("content-type", "location", "etag", "ledger-position")) {
            assertThat(again.header(header)).as(header).isEqualTo(first.header(header));
        }
    }

    @Test
    void a_create_sent_again_is_the_same_run_as_it_was_then() {
        String key = newKey();
        Answer first = ledger.post("/v1/runs", CREATE, KEY, key).is(201);
        ledger.post("/v1/runs/" + first.text("/id") + "/cancel", "{}").is(200);
        isReplayOf(first, ledger.post("/v1/runs", CREATE, KEY, key));
        assertThat(ledger.post("/v1/runs", CREATE, KEY, newKey()).is(201).text("/id"))
                .isNotEqualTo(first.text("/id"));
    }

    @Test
    void every_kind_of_command_is_answered_again() {
        String run = ledger.queued();
        Map<String, String> commands = new java.util.LinkedHashMap<>();
        commands.put("start", "{\"lease_seconds\": 60}");
        commands.put("events", "{\"type\": \"t.u\", \"payload\": 1}");
        commands.put("logs", "[{\"level\": \"info\", \"message\": \"m\"}]");
        commands.put("stop", "{}");
        commands.put("resume", "{}");
        commands.put("cancel", "{\"reason\": \"enough\"}");
        commands.put("rerun", "{}");
        commands.forEach((command, body) -> {
            String key = newKey();
            String path = "/v1/runs/" + run + "/" + command;
            Answer first = ledger.post(path, body, KEY, key);
            assertThat(first.status() / 100).as(first.body()).isEqualTo(2);
            isReplayOf(first, ledger.post(path, body, KEY, key));
        });
        assertThat(ledger.get("/v1/runs/" + run + "/logs").json().at("/data")).hasSize(1);
        assertThat(ledger.get("/v1/runs/" + run + "/events?type=run.noted")
                        .json()
                        .at("/data"))
                .hasSize(1);
    }

    @Test
    void an_operation_a_project_and_a_waited_for_run_are_made_once() {
        String filter = "{\"filter\": {\"target\": \"task:nobody-has-this\"}}";
        twice("/v1/runs/bulk/cancel", filter, 202);
        twice("/v1/projects", "{\"slug\": \"made-once\"}", 201);
        String key = newKey();
        Answer first =
                ledger.post("/v1/runs", CREATE, KEY, key, "Prefer", "wait=1").is(202);
        isReplayOf(first, ledger.post("/v1/runs", CREATE, KEY, key, "Prefer", "wait=1"));
        ledger.queued();
        twice("/v1/claims", "{\"worker\": \"w\", \"lease_seconds\": 5}", 200);
    }

    private void twice(String path, String body, int status) {
        String key = newKey();
        isReplayOf(ledger.post(path, body, KEY, key).is(status), ledger.post(path, body, KEY, key));
    }

    @Test
    void a_refusal_by_the_run_is_given_again() {
        String run = ledger.queued();
        ledger.post("/v1/runs/" + run + "/cancel", "{}").is(200);
        String key = newKey();
        Answer first = ledger.post("/v1/runs/" + run + "/start", "{}", KEY, key);
        first.isProblem(409, "invalid_transition");
        isReplayOf(first, ledger.post("/v1/runs/" + run + "/start", "{}", KEY, key));
    }

    @Test
    void a_request_that_was_wrong_may_be_sent_right_with_the_same_key() {
        String key = newKey();
        ledger.post("/v1/runs", "{\"target\": 1}", KEY, key).isProblem(400, "bad_request");
        ledger.post("/v1/runs", CREATE, KEY, key).is(201);
    }

    @Test
    void another_request_under_the_same_key_is_refused() {
        String key = newKey();
        ledger.post("/v1/runs", CREATE, KEY, key).is(201);
        ledger.post("/v1/runs", CREATE + " ", KEY, key).isProblem(422, "idempotency_key_reused");
        ledger.post("/v1/runs?x=1", CREATE, KEY, key).isProblem(422, "idempotency_key_reused");
        ledger.post("/v1/runs/bulk/cancel", CREATE, KEY, key).isProblem(422, "idempotency_key_reused");
    }

    @Test
    void two_projects_may_use_the_same_key() {
        ledger.post("/v1/projects", "{\"slug\": \"same-key\"}").is(201);
        LedgerClient other = ledger.withKey(ledger.newKey("same-key", "operator"));
        String key = newKey();
        Answer ours = ledger.post("/v1/runs", CREATE, KEY, key).is(201);
        Answer theirs = other.post("/v1/runs", CREATE, KEY, key).is(201);
        assertThat(theirs.header("idempotency-replayed")).isNull();
        assertThat(theirs.text("/id")).isNotEqualTo(ours.text("/id"));
        assertThat(theirs.text("/project")).isEqualTo("same-key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with space", "tab\tinside"})
    void a_key_is_plain(String key) {
        ledger.post("/v1/runs", CREATE, KEY, key).pointsTo(KEY);
        ledger.post("/v1/runs", CREATE, KEY, "x".repeat(256)).pointsTo(KEY);
        ledger.post("/v1/runs", CREATE, KEY, key.isEmpty() ? "\"" + newKey() + "\"" : newKey())
                .is(201);
    }

    @Test
    void a_stream_of_commands_and_a_large_body_say_what_to_do_instead() {
        ledger.stream(java.net.http.HttpRequest.BodyPublishers.ofString("{}"), KEY, newKey())
                .pointsTo(KEY);
        String inputs = "[" + "1,".repeat(600_000) + "1]";
        ledger.post("/v1/runs", "{\"target\": \"task:t\", \"inputs\": " + inputs + "}", KEY, newKey())
                .isProblem(413, "too_large");
    }

    @Test
    void of_many_equal_requests_at_once_one_has_an_effect_and_all_get_its_answer() throws Exception {
        String run = ledger.running();
        String note = "{\"type\": \"crowd.note\", \"payload\": 1}";
        for (Map.Entry<String, String> request : Map.of(
                        "/v1/runs",
                        CREATE,
                        "/v1/runs/" + run + "/events",
                        note,
                        "/v1/runs/" + run + "/logs",
                        "[{\"level\": \"info\", \"message\": \"crowd\"}]")
                .entrySet()) {
            String key = newKey();
            List<Answer> answers = atOnce(request.getKey(), request.getValue(), key);
            assertThat(answers)
                    .extracting(Answer::body)
                    .containsOnly(answers.getFirst().body());
            assertThat(answers)
                    .filteredOn(answer -> answer.header("idempotency-replayed") == null)
                    .hasSize(1);
            assertThat(answers.getFirst().status() / 100).isEqualTo(2);
        }
        assertThat(ledger.get("/v1/runs/" + run + "/events?type=run.noted")
                        .json()
                        .at("/data"))
                .hasSize(1);
        assertThat(ledger.get("/v1/runs/" + run + "/logs").json().at("/data")).hasSize(1);
    }

    private List<Answer> atOnce(String path, String body, String key) throws Exception {
        CountDownLatch together = new CountDownLatch(CROWD);
        List<Future<Answer>> sent = new ArrayList<>();
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CROWD; i++) {
                sent.add(crowd.submit(() -> {
                    together.countDown();
                    together.await();
                    return ledger.post(path, body, KEY, key);
                }));
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> one : sent) {
            answers.add(one.get());
        }
        return answers;
    }

    /** As if the node had died after the commit and before the answer was kept. */
    @Test
    void a_request_whose_answer_was_lost_is_done_again_without_a_second_effect() {
        String run = ledger.running();
        Map<String, String> requestsToLose = Map.of(
                "/v1/runs",
                CREATE,
                "/v1/runs/" + run + "/events",
                "{\"type\": \"lost.note\", \"payload\": 1}",
                "/v1/runs/" + run + "/logs",
                "[{\"level\": \"info\", \"message\": \"lost\"}]",
                "/v1/projects",
                "{\"slug\": \"lost-answer\"}",
                "/v1/runs/bulk/stop",
                "{\"filter\": {\"target\": \"task:nobody-has-this\"}}");
        long before = events();
        requestsToLose.forEach((path, body) -> {
            String key = newKey();
            Answer first = ledger.post(path, body, KEY, key);
            lose(key);
            Answer again = ledger.post(path, body, KEY, key);
            assertThat(again.header("idempotency-replayed")).isNull();
            assertThat(again.status()).isEqualTo(first.status());
            assertThat(again.text("/id")).as(path).isEqualTo(first.text("/id"));
            isReplayOf(again, ledger.post(path, body, KEY, key));
        });
        assertThat(ledger.get("/v1/runs/" + run + "/logs").json().at("/data")).hasSize(1);
        // Created, queued, noted: what the log, the project and the operation had is no event.
        assertThat(events() - before).isEqualTo(3);
    }

    private void lose(String key) {
        owner.sql("update ledger.idempotent_request set status = null, body = null, held_until = now() - interval '1 s'"
                        + " where key = ?")
                .param(key)
                .update();
    }

    private long events() {
        return owner.sql("select count(*) from ledger.event where project = 'default'")
                .query(Long.class)
                .single();
    }

    @Test
    void a_new_key_is_made_once_and_its_secret_is_kept_nowhere() {
        String key = newKey();
        String body = "{\"name\": \"once\", \"role\": \"viewer\"}";
        Answer first = ledger.post("/v1/keys", body, KEY, key).is(201);
        Answer again = ledger.post("/v1/keys", body, KEY, key);
        again.isProblem(409, "conflict");
        assertThat(again.text("/detail")).contains(first.text("/id"));
        lose(key);
        for (int i = 0; i < 3; i++) {
            ledger.post("/v1/keys", body, KEY, key).isProblem(409, "conflict");
        }
        String kept = owner.sql(
                        "select coalesce(string_agg(row_to_json(r)::text, ','), '') from ledger.idempotent_request as r")
                .query(String.class)
                .single();
        assertThat(kept).doesNotContain(first.text("/key"));
        assertThat(ledger.get("/v1/keys?limit=100")
                        .json()
                        .at("/data")
                        .valueStream()
                        .filter(one -> one.at("/name").asString().equals("once"))
                        .collect(Collectors.toList()))
                .hasSize(1);
    }

    @Test
    void after_a_day_the_key_is_free_and_cleaned_away() {
        String key = newKey();
        Answer first = ledger.post("/v1/runs", CREATE, KEY, key).is(201);
        age(key);
        Answer later = ledger.post("/v1/runs", CREATE, KEY, key).is(201);
        assertThat(later.header("idempotency-replayed")).isNull();
        assertThat(later.text("/id")).isNotEqualTo(first.text("/id"));
        age(key);
        requests.clean();
        assertThat(owner.sql("select count(*) from ledger.idempotent_request where key = ?")
                        .param(key)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private void age(String key) {
        owner.sql("update ledger.idempotent_request set created_at = now() - interval '24 hours 1 s' where key = ?")
                .param(key)
                .update();
    }

    @Test
    void a_request_without_the_header_leaves_no_trace() {
        long before = rows();
        ledger.queued();
        ledger.get("/v1/runs", KEY, newKey()).is(200);
        assertThat(rows()).isEqualTo(before);
    }

    private long rows() {
        return owner.sql("select count(*) from ledger.idempotent_request")
                .query(Long.class)
                .single();
    }
}
