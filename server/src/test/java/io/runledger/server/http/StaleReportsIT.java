package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Workers stop answering, others get their runs; then the first ones come back and report, again and again. */
@RunningLedger
class StaleReportsIT {

    private static final int RUNS = Figures.isThorough() ? 1_000 : 20;
    private static final int CLIENTS = 8;
    private static final int MOST = 100;
    private static final String QUEUE = "stale-reports";

    /** All that the holder of a lease may send; each is sent while another holds the run, and when it has ended. */
    private static final Map<String, String> REPORTS = Map.of(
            "heartbeat", "",
            "progress", ", \"percent\": 99",
            "finish", "",
            "complete", ", \"output\": \"stale\"",
            "fail", ", \"error\": {\"code\": \"stale\", \"message\": \"stale\"}");

    private final LedgerClient ledger;

    StaleReportsIT(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @Test
    void whoever_lost_a_lease_changes_nothing_whatever_is_reported() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            String create = "{\"command\": \"create\", \"target\": \"task:t\", \"max_attempts\": 2, \"queue\": \""
                    + QUEUE + "\"}\n";
            assertThat(ledger.commands(create.repeat(RUNS))).allMatch(line -> line.has("run_id"));
            Map<String, String> lost = claim("sleeper", 1);
            Map<String, String> held = claim("heir", 3_600);
            assertThat(held.keySet()).isEqualTo(lost.keySet());

            int refused = reportAll(lost, "running", clients);
            List<Callable<Answer>> endings = new ArrayList<>();
            held.forEach((run, token) -> endings.add(() -> report(run, "complete", token, 200)));
            side(clients, endings);
            refused += reportAll(lost, "succeeded", clients);

            assertThat(refused).isEqualTo(2 * REPORTS.size() * RUNS);
            List<Long> handOvers = new ArrayList<>();
            for (String run : lost.keySet()) {
                handOvers.add(handOver(run));
            }
            Figures.print(
                    "G1: %d stale reports, all refused; from the end of a lease to the next claim p50 %d ms, p99 %d ms",
                    refused, Figures.percentile(handOvers, 50), Figures.percentile(handOvers, 99));
        }
    }

    /** Claims all the runs as soon as each is there; lease tokens by runs. */
    private Map<String, String> claim(String worker, int leaseSeconds) {
        Map<String, String> tokens = new ConcurrentHashMap<>();
        while (tokens.size() < RUNS) {
            JsonNode claims = ledger.post(
                            "/v1/claims",
                            "{\"worker\": \"" + worker + "\", \"queues\": [\"" + QUEUE + "\"], \"max\": " + MOST
                                    + ", \"wait_seconds\": 10, \"lease_seconds\": " + leaseSeconds + "}")
                    .is(200)
                    .json()
                    .at("/claims");
            assertThat(claims)
                    .as("more runs for %s, who has %d", worker, tokens.size())
                    .isNotEmpty();
            claims.forEach(claim -> tokens.put(
                    claim.at("/run/id").asString(), claim.at("/lease_token").asString()));
        }
        return tokens;
    }

    /** Sends every report for every run under its lost lease; how many were refused, which all must be. */
    private int reportAll(Map<String, String> lost, String status, ExecutorService clients) throws Exception {
        List<Callable<Answer>> reports = new ArrayList<>();
        lost.forEach((run, token) ->
                REPORTS.keySet().forEach(command -> reports.add(() -> report(run, command, token, 409))));
        for (Answer answer : side(clients, reports)) {
            assertThat(answer.text("/code")).as(answer.body()).isIn("lease_lost", "invalid_transition");
        }
        for (String run : lost.keySet()) {
            JsonNode view = ledger.run(run);
            assertThat(view.at("/status").asString()).isEqualTo(status);
            assertThat(view.at("/worker").asString()).isEqualTo("heir");
            assertThat(view.at("/progress").isNull()).as("%s", view).isTrue();
        }
        return reports.size();
    }

    private Answer report(String run, String command, String token, int status) {
        String body = "{\"lease_token\": \"" + token + "\"" + REPORTS.get(command) + "}";
        return ledger.post("/v1/runs/" + run + "/" + command, body).is(status);
    }

    private static List<Answer> side(ExecutorService clients, List<Callable<Answer>> calls) throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> answer : clients.invokeAll(calls)) {
            answers.add(answer.get());
        }
        return answers;
    }

    /** The milliseconds from the end of the lost lease to the next start; fails if anything else has happened. */
    private long handOver(String run) {
        JsonNode events = ledger.get("/v1/runs/" + run + "/events?limit=100")
                .is(200)
                .json()
                .at("/data");
        assertThat(events.valueStream().map(event -> event.at("/type").asString()))
                .containsExactly(
                        "run.created",
                        "run.queued",
                        "run.started",
                        "run.attempt_failed",
                        "run.queued",
                        "run.started",
                        "run.succeeded");
        Instant leaseOver = recordedAt(events.get(2)).plusSeconds(1);
        return Duration.between(leaseOver, recordedAt(events.get(5))).toMillis();
    }

    private static Instant recordedAt(JsonNode event) {
        return Instant.parse(event.at("/recorded_at").asString());
    }
}
