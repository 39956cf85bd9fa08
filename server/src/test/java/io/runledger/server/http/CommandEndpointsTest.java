package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The contract of the endpoints that take one command each. */
@RunningLedger
class CommandEndpointsTest {

    private final LedgerClient ledger;
    private final Events events;

    CommandEndpointsTest(@LocalServerPort int port, DataSource database) {
        ledger = new LedgerClient(port);
        events = new Events(database);
    }

    private Answer command(String run, String name, String body, String... headers) {
        return ledger.post("/v1/runs/" + run + "/" + name, body, headers);
    }

    @Test
    void create_answers_with_the_run_and_where_it_is() {
        Answer created = ledger.post("/v1/runs", """
                        {"target": "workflow:orders/import", "key": "create-1", "name": "Grüße", "input": {"n": 12345678901234567890.10},
                         "config": [1, 2], "labels": {"team": "a"}, "metadata": null, "stage": "draft", "queue": "slow",
                         "priority": -3, "max_attempts": 4}""").is(201);
        String id = created.text("/id");
        assertThat(created.header("location")).isEqualTo("/v1/runs/" + id);
        assertThat(created.header("etag")).isEqualTo("\"1\"");
        assertThat(Long.parseLong(created.header("ledger-position"))).isPositive();
        assertThat(created.header("content-type")).startsWith("application/json");
        assertThat(created.body()).contains("\"input\":{\"n\":12345678901234567890.10}", "\"config\":[1,2]");
        assertThat(created.text("/status")).isEqualTo("queued");
        assertThat(created.text("/target")).isEqualTo("workflow:orders/import");
        assertThat(created.text("/kind")).isEqualTo("workflow");
        assertThat(created.text("/name")).isEqualTo("Grüße");
        assertThat(created.text("/labels/team")).isEqualTo("a");
        assertThat(created.text("/stage")).isEqualTo("draft");
        assertThat(created.text("/queue")).isEqualTo("slow");
        assertThat(created.number("/priority")).isEqualTo(-3);
        assertThat(created.number("/max_attempts")).isEqualTo(4);
        assertThat(created.text("/project")).isEqualTo("default");
        assertThat(created.text("/created_by")).isEqualTo("key:first");
        assertThat(created.number("/version")).isEqualTo(1);
        assertThat(id).matches("[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(ledger.run(id)).isEqualTo(created.json());
    }

    @Test
    void every_run_has_the_members_of_the_contract() {
        JsonNode run = ledger.run(ledger.queued());
        assertThat(run.propertyNames())
                .contains(
                        "id",
                        "key",
                        "project",
                        "name",
                        "target",
                        "kind",
                        "mode",
                        "stage",
                        "status",
                        "status_reason",
                        "labels",
                        "metadata",
                        "input",
                        "items",
                        "config",
                        "output",
                        "error",
                        "exit_code",
                        "artifacts",
                        "progress",
                        "checkpoint",
                        "attempt",
                        "max_attempts",
                        "priority",
                        "queue",
                        "worker",
                        "lease_expires_at",
                        "blocked_on",
                        "parent_id",
                        "root_id",
                        "rerun_of",
                        "schedule_id",
                        "tasks",
                        "created_by",
                        "created_at",
                        "run_at",
                        "queued_at",
                        "started_at",
                        "finished_at",
                        "updated_at",
                        "duration_ms",
                        "version",
                        "links");
        assertThat(run.at("/created_at").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3,9}Z");
    }

    @Test
    void a_run_goes_its_whole_way() {
        String run = ledger.queued();
        Answer started = command(run, "start", "{\"worker\": \"w1\"}").is(200);
        assertThat(started.text("/status")).isEqualTo("running");
        assertThat(started.text("/worker")).isEqualTo("w1");
        assertThat(started.json().at("/lease_token").isNull()).isTrue();
        assertThat(started.header("etag")).isEqualTo("\"2\"");
        Answer progressed = command(
                        run, "progress", "{\"percent\": 12.5, \"message\": \"on it\", \"checkpoint\": {\"row\": 7}}")
                .is(200);
        assertThat(progressed.json().at("/progress/percent").asDouble()).isEqualTo(12.5);
        assertThat(progressed.number("/checkpoint/row")).isEqualTo(7);
        assertThat(command(run, "progress", "{\"checkpoint\": 8}").is(200).number("/checkpoint"))
                .isEqualTo(8);
        command(run, "events", "{\"type\": \"agent.message\", \"payload\": {\"text\": \"hello\"}}")
                .is(200);
        Answer artifact = command(run, "artifacts", "{\"name\": \"report\", \"media_type\": \"text/csv\", \"size\": 3}")
                .is(200);
        assertThat(artifact.text("/artifacts/0/media_type")).isEqualTo("text/csv");
        assertThat(command(run, "finish", "{\"reason\": \"nearly\"}").is(200).text("/status"))
                .isEqualTo("finishing");
        Answer done = command(run, "complete", "{\"output\": {\"rows\": 3}, \"exit_code\": 0}")
                .is(200);
        assertThat(done.text("/status")).isEqualTo("succeeded");
        assertThat(done.number("/output/rows")).isEqualTo(3);
        assertThat(done.json().at("/duration_ms").isNumber()).isTrue();
        assertThat(ledger.run(run)).isEqualTo(done.json());
    }

    @Test
    void stop_resume_cancel_and_fail_change_the_status() {
        String run = ledger.running();
        assertThat(command(run, "stop", "{\"reason\": \"lunch\"}").is(200).text("/status_reason"))
                .isEqualTo("lunch");
        assertThat(command(run, "resume", "{\"action\": \"resume\"}").is(200).text("/status"))
                .isEqualTo("queued");
        assertThat(command(run, "cancel", "{}").is(200).text("/status")).isEqualTo("cancelled");
        String other = ledger.running();
        Answer failed = command(
                        other,
                        "fail",
                        "{\"error\": {\"code\": \"oom\", \"message\": \"no memory\"}, \"exit_code\": 137}")
                .is(200);
        assertThat(failed.text("/status")).isEqualTo("failed");
        assertThat(failed.text("/error/code")).isEqualTo("oom");
        assertThat(failed.number("/exit_code")).isEqualTo(137);
    }

    @Test
    void an_attempt_that_may_be_retried_is_queued_again() {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"max_attempts\": 2}")
                .text("/id");
        String failure = "{\"error\": {\"code\": \"net\", \"message\": \"away\", \"retryable\": true}}";
        command(run, "start", "{}").is(200);
        assertThat(command(run, "fail", failure).is(200).text("/status")).isEqualTo("queued");
        assertThat(command(run, "start", "{}").is(200).number("/attempt")).isEqualTo(2);
        assertThat(command(run, "fail", failure).is(200).text("/status")).isEqualTo("failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "finish", "complete", "stop", "resume", "cancel"})
    void a_body_may_be_left_out_where_nothing_need_be_said(String name) {
        String run = name.equals("start") || name.equals("stop") ? ledger.queued() : ledger.running();
        if (name.equals("resume")) {
            command(run, "stop", "{}").is(200);
        }
        Answer answer = ledger.send(ledger.request("/v1/runs/" + run + "/" + name)
                .header("content-type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.noBody()));
        answer.is(200);
        String again = name.equals("start") || name.equals("stop") ? ledger.queued() : ledger.running();
        if (name.equals("resume")) {
            command(again, "stop", "{}").is(200);
        }
        ledger.send(ledger.request("/v1/runs/" + again + "/" + name)
                        .POST(java.net.http.HttpRequest.BodyPublishers.noBody()))
                .is(200);
    }

    @Test
    void if_match_makes_a_command_conditional() {
        String run = ledger.running();
        long before = events.count();
        Answer refused = command(run, "cancel", "{}", "If-Match", "\"1\"").isProblem(412, "version_mismatch");
        assertThat(refused.number("/run_version")).isEqualTo(2);
        assertThat(events.count()).isEqualTo(before);
        command(run, "cancel", "{}", "If-Match", "\"2\"").is(200);
        command(ledger.running(), "cancel", "{}", "If-Match", "*").is(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "W/\"2\"", "\"2", "\"two\"", "\"-1\"", "\"2\", \"3\"", "\"99999999999999999999\""})
    void an_if_match_that_is_no_etag_of_a_run_is_bad_input(String ifMatch) {
        String run = ledger.running();
        command(run, "cancel", "{}", "If-Match", ifMatch).pointsTo("If-Match");
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "finish, {}",
        "complete, '{\"output\": 1}'",
        "fail, '{\"error\": {\"code\": \"a\", \"message\": \"b\"}}'",
        "stop, {}",
        "cancel, {}"
    })
    void a_repeat_is_answered_like_the_first_time_and_writes_nothing(String name, String body) {
        String run = ledger.running();
        Answer first = command(run, name, body).is(200);
        long before = events.count();
        Answer second = command(run, name, body).is(200);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.header("etag")).isEqualTo(first.header("etag"));
        assertThat(events.count()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "progress, '{\"percent\": 1, \"command_id\": \"c\"}'",
        "events, '{\"type\": \"t\", \"command_id\": \"c\"}'",
        "artifacts, '{\"name\": \"n\", \"command_id\": \"c\"}'"
    })
    void a_command_with_the_same_id_is_carried_out_once(String name, String body) {
        String run = ledger.running();
        Answer first = command(run, name, body).is(200);
        long before = events.count();
        assertThat(command(run, name, body).is(200).body()).isEqualTo(first.body());
        command(run, "complete", "{}").is(200);
        assertThat(command(run, name, body).is(200).text("/status")).isEqualTo("succeeded");
        assertThat(events.count()).isEqualTo(before + 1);
    }

    @Test
    void a_create_and_a_start_sent_again_are_answered_like_the_first_time() {
        String create = "{\"target\": \"task:t\", \"key\": \"again-1\", \"command_id\": \"c1\"}";
        String run = ledger.post("/v1/runs", create).is(201).text("/id");
        String start = "{\"lease_seconds\": 60, \"command_id\": \"c2\"}";
        String token = command(run, "start", start).is(200).text("/lease_token");
        assertThat(ledger.post("/v1/runs", create).is(201).text("/id")).isEqualTo(run);
        assertThat(command(run, "start", start).is(200).text("/lease_token")).isEqualTo(token);
        assertThat(ledger.run(run).at("/version").asInt()).isEqualTo(2);
    }

    @Test
    void a_key_that_is_taken_names_the_first_run() {
        String first = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"key\": \"taken-1\"}")
                .text("/id");
        long before = events.count();
        Answer refused = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"key\": \"taken-1\"}")
                .isProblem(409, "key_taken");
        assertThat(refused.text("/run_id")).isEqualTo(first);
        assertThat(events.count()).isEqualTo(before);
    }

    @Test
    void times_follow_when_things_happened_and_records_when_they_were_told() {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"occurred_at\": \"2020-01-01T10:00:00Z\"}")
                .text("/id");
        command(run, "start", "{\"occurred_at\": \"2020-01-01T10:00:01+00:00\"}")
                .is(200);
        JsonNode done = command(run, "complete", "{\"occurred_at\": \"2020-01-01T11:00:03.5+01:00\"}")
                .is(200)
                .json();
        assertThat(done.at("/queued_at").asString()).startsWith("2020-01-01T10:00:00");
        assertThat(done.at("/started_at").asString()).startsWith("2020-01-01T10:00:01");
        assertThat(done.at("/finished_at").asString()).startsWith("2020-01-01T10:00:03.5");
        assertThat(done.at("/duration_ms").asLong()).isEqualTo(2500);
        JsonNode last = ledger.get("/v1/runs/" + run + "/events").json().at("/data/3");
        assertThat(last.at("/occurred_at").asString()).startsWith("2020-01-01T10:00:03.5");
        Instant recorded = Instant.parse(last.at("/recorded_at").asString());
        assertThat(Duration.between(recorded, Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void what_lies_in_the_future_did_not_happen() {
        Instant soon = Instant.now().plus(Duration.ofHours(1));
        command(ledger.running(), "complete", "{\"occurred_at\": \"" + soon + "\"}")
                .pointsTo("/occurred_at");
    }

    @Test
    void only_the_holder_of_the_lease_may_report() {
        String run = ledger.queued();
        Answer started = command(run, "start", "{\"worker\": \"w\", \"lease_seconds\": 60}")
                .is(200);
        String token = started.text("/lease_token");
        assertThat(started.text("/lease_expires_at")).isNotBlank();
        long before = events.count();
        for (String body : new String[] {
            "{}",
            "{\"lease_token\": null}",
            "{\"lease_token\": \"x\"}",
            "{\"lease_token\": \"2.AAAA\"}",
            "{\"lease_token\": \"\"}"
        }) {
            Answer refused = command(run, "complete", body).isProblem(409, "lease_lost");
            assertThat(refused.text("/run_status")).isEqualTo("running");
            assertThat(refused.json().at("/allowed"))
                    .extracting(JsonNode::asString)
                    .contains("complete", "cancel");
        }
        assertThat(events.count()).isEqualTo(before);
        command(run, "progress", "{\"percent\": 1, \"lease_token\": \"" + token + "\"}")
                .is(200);
        command(run, "complete", "{\"lease_token\": \"" + token + "\"}").is(200);
    }

    @Test
    void the_token_of_an_earlier_attempt_is_worth_nothing() {
        String run = ledger.queued();
        String old = command(run, "start", "{\"lease_seconds\": 60}").text("/lease_token");
        command(run, "stop", "{}").is(200);
        command(run, "resume", "{}").is(200);
        String token = command(run, "start", "{\"lease_seconds\": 60}").text("/lease_token");
        assertThat(token).isNotEqualTo(old);
        command(run, "progress", "{\"percent\": 1, \"lease_token\": \"" + old + "\"}")
                .isProblem(409, "lease_lost");
        command(run, "complete", "{\"lease_token\": \"" + old + "\"}").isProblem(409, "lease_lost");
        command(run, "complete", "{\"lease_token\": \"" + token + "\"}").is(200);
    }

    @Test
    void the_token_of_another_run_is_worth_nothing() {
        String other = ledger.queued();
        String foreign = command(other, "start", "{\"lease_seconds\": 60}").text("/lease_token");
        String run = ledger.queued();
        command(run, "start", "{\"lease_seconds\": 60}").is(200);
        command(run, "complete", "{\"lease_token\": \"" + foreign + "\"}").isProblem(409, "lease_lost");
    }

    @Test
    void a_refused_transition_names_the_status_and_what_is_allowed() {
        String run = ledger.queued();
        long before = events.count();
        Answer refused = command(run, "complete", "{}").isProblem(409, "invalid_transition");
        assertThat(refused.text("/run_status")).isEqualTo("queued");
        assertThat(refused.json().at("/allowed"))
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder("start", "stop", "cancel");
        assertThat(refused.text("/instance")).isEqualTo("/v1/runs/" + run + "/complete");
        assertThat(refused.text("/detail")).contains("queued");
        command(run, "cancel", "{}").is(200);
        Answer ended = command(run, "start", "{}").isProblem(409, "invalid_transition");
        assertThat(ended.json().at("/allowed")).isEmpty();
        assertThat(events.count()).isEqualTo(before + 1);
    }

    @Test
    void every_command_shows_in_the_next_read() {
        String run = ledger.running();
        for (int i = 0; i < 200; i++) {
            Answer told = command(run, "progress", "{\"percent\": " + i / 2 + ", \"message\": \"m" + i + "\"}")
                    .is(200);
            assertThat(ledger.run(run)).isEqualTo(told.json());
            assertThat(told.number("/version")).isEqualTo(i + 3);
        }
    }
}
