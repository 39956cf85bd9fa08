package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.LedgerClient.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Many clients of one or two servers end one run at the same moment: one wins, the others are told who did. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class RaceIT {

    /**
     * So many races one after the other, with so many clients in each, in so many lanes side by side; the first of each
     * lane find the ledger cold.
     */
    private record Course(int lanes, int coldRaces, int races, int clients) {

        int runs() {
            return lanes * races;
        }
    }

    private static final Course COURSE =
            Figures.isThorough() ? new Course(16, 1_250, 1_250, 4) : new Course(1, 5, 12, 16);
    private static final List<String> ENDS = List.of("complete", "cancel", "fail");
    private static final List<String> ENDING_EVENTS = List.of("run.succeeded", "run.cancelled", "run.failed");

    /** An answer, and how long it took. */
    private record Timed(String command, Answer answer, long nanos) {}

    @TempDir
    Path data;

    @Test
    void of_all_who_end_a_run_at_one_server_or_at_two_exactly_one_wins() throws Exception {
        try (LocalPostgres postgres = LedgerProcess.sharedPostgres(data);
                LedgerProcess one = TwoNodesIT.node("race-one", postgres);
                LedgerProcess two = TwoNodesIT.node("race-two", postgres)) {
            one.start();
            race("one node", List.of(new LedgerClient(one)));
            two.start();
            race("two nodes", List.of(new LedgerClient(one), new LedgerClient(two)));
        }
    }

    private static void race(String name, List<LedgerClient> nodes) throws Exception {
        List<Long> cold = Collections.synchronizedList(new ArrayList<>());
        List<Long> refusals = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            inAllLanes(() -> race(COURSE.coldRaces(), nodes, executor, cold), executor);
            inAllLanes(() -> race(COURSE.races(), nodes, executor, refusals), executor);
        }
        Ledger.audit(nodes.getFirst());
        Figures.print(
                "F, %s: %d races of %d clients, one winner each; %d refusals, p50 %d ms, p99 %d ms (p99 %d ms in the %d"
                        + " races before, which found the ledger cold)",
                name,
                COURSE.runs(),
                COURSE.clients(),
                refusals.size(),
                TimeUnit.NANOSECONDS.toMillis(Figures.percentile(refusals, 50)),
                TimeUnit.NANOSECONDS.toMillis(Figures.percentile(refusals, 99)),
                TimeUnit.NANOSECONDS.toMillis(Figures.percentile(cold, 99)),
                COURSE.lanes() * COURSE.coldRaces());
    }

    private static void inAllLanes(Callable<Void> lane, ExecutorService executor) throws Exception {
        for (Future<Void> one : executor.invokeAll(Collections.nCopies(COURSE.lanes(), lane))) {
            one.get();
        }
    }

    private static Void race(int races, List<LedgerClient> nodes, ExecutorService executor, List<Long> refusals)
            throws Exception {
        for (int race = 0; race < races; race++) {
            LedgerClient client = nodes.get(race % nodes.size());
            String run = runningRun(client);
            List<Timed> answers = race(nodes, run, executor);
            answers.stream()
                    .filter(timed -> timed.answer().status() == 409)
                    .forEach(timed -> refusals.add(timed.nanos()));
            assertOneWon(client, run, answers);
        }
        return null;
    }

    private static String runningRun(LedgerClient client) throws Exception {
        Answer created = client.post("/v1/runs", LedgerClient.object().put("target", "task:race"));
        Answer started = client.post("/v1/runs/" + created.id() + "/start", LedgerClient.object());
        assertThat(started.status()).isEqualTo(200);
        return created.id();
    }

    private static List<Timed> race(List<LedgerClient> nodes, String run, ExecutorService executor) throws Exception {
        CyclicBarrier start = new CyclicBarrier(COURSE.clients());
        List<Callable<Timed>> racers = new ArrayList<>();
        for (int i = 0; i < COURSE.clients(); i++) {
            String command = ENDS.get(i % ENDS.size());
            ObjectNode body = body(command, i);
            LedgerClient client = nodes.get(i % nodes.size());
            racers.add(() -> {
                start.await(30, TimeUnit.SECONDS);
                long begun = System.nanoTime();
                Answer answer = client.post("/v1/runs/" + run + "/" + command, body);
                return new Timed(command, answer, System.nanoTime() - begun);
            });
        }
        List<Timed> answers = new ArrayList<>();
        for (Future<Timed> racer : executor.invokeAll(racers)) {
            answers.add(racer.get());
        }
        return answers;
    }

    /** Different in each client, so that nobody's command is a repeat of the winner's; a cancel cannot differ. */
    private static ObjectNode body(String command, int client) {
        ObjectNode body = LedgerClient.object();
        switch (command) {
            case "complete" -> body.put("output", client);
            case "fail" ->
                body.putObject("error").put("code", "client_" + client).put("message", "lost");
            default -> body.put("reason", "client " + client);
        }
        return body;
    }

    private static void assertOneWon(LedgerClient client, String run, List<Timed> answers) {
        List<JsonNode> ends = client.eventsOf(run).stream()
                .filter(event -> ENDING_EVENTS.contains(event.get("type").asString()))
                .toList();
        assertThat(ends).as("ending events of %s", run).hasSize(1);
        String end = ends.getFirst().get("type").asString();
        String status = end.replace("run.", "");
        List<Timed> winners =
                answers.stream().filter(timed -> timed.answer().isSuccess()).toList();
        // Who cancels a cancelled run repeats what happened and is answered like the winner; everybody else is alone.
        assertThat(winners.stream().map(Timed::command).distinct())
                .containsExactly(ENDS.get(ENDING_EVENTS.indexOf(end)));
        if (!status.equals("cancelled")) {
            assertThat(winners).hasSize(1);
        }
        Stream<Answer> losers = answers.stream().map(Timed::answer).filter(answer -> !answer.isSuccess());
        assertThat(losers.map(loser -> loser.status() + " " + loser.code() + " "
                                + loser.body().path("run_status").asString(""))
                        .collect(Collectors.toSet()))
                .isSubsetOf("409 invalid_transition " + status);
        for (Timed winner : winners) {
            assertThat(winner.answer().body().get("status").asString()).isEqualTo(status);
        }
        String verified = client.read("/v1/runs/" + run + "/verify").toString();
        assertThat(verified).contains("\"valid\":true");
    }
}
