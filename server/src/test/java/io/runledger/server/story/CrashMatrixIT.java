package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A worker, the server or PostgreSQL dies before a claim, after it, during the work, or after the work and before the
 * report: no run is lost or stuck, no accepted result is overwritten, no run is attempted more often than it may be.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class CrashMatrixIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int WORKERS = 4;
    private static final int RUNS = 6;
    private static final int ATTEMPTS = 10;
    private static final int LEASE_SECONDS = 2;

    /** Beyond its lease, a run that stands still for longer is stuck; when the ledger was away, from when it is back. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** A worker that comes back waits so long for its attempt to be over. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private enum Victim {
        WORKER,
        SERVER,
        POSTGRES
    }

    private enum Phase {
        BEFORE_CLAIM,
        AFTER_CLAIM,
        DURING_WORK,
        BEFORE_REPORT
    }

    /** Output by run, of the reports that were accepted. */
    private final Map<String, String> accepted = new ConcurrentHashMap<>();

    private final Map<Victim, Integer> deaths = new EnumMap<>(Victim.class);
    private final AtomicInteger staleReports = new AtomicInteger();
    private final AtomicInteger failedByDeath = new AtomicInteger();
    private final List<Long> handOvers = new ArrayList<>();
    private final List<Long> standstills = new ArrayList<>();

    @Test
    void whoever_dies_whenever_each_run_ends_well() throws Exception {
        int rounds = Figures.isThorough() ? 200 : 4;
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        try (LedgerProcess ledger = LedgerProcess.named("crash-matrix").start()) {
            LedgerClient client = new LedgerClient(ledger);
            for (int round = 0; round < rounds; round++) {
                // The first rounds are each of a different kind, however few there are.
                Victim victim = Victim.values()[round < 3 ? round : random.nextInt(3)];
                Phase phase = Phase.values()[random.nextInt(4)];
                deaths.merge(victim, 1, Integer::sum);
                new Round(ledger, client, victim, phase, "round-" + round).play();
            }
            Ledger.audit(client);
            long stuck = standstills.stream()
                    .filter(millis -> millis > GRACE.toMillis())
                    .count();
            Figures.print(
                    "crash matrix: %d rounds (%s), %d runs, 0 lost, all ended, %d attempts ended by death, %d stale reports"
                            + " refused; from the end of a dead worker's lease to the end of its attempt p50 %d ms, p99 %d"
                            + " ms, with the ledger up; beyond a lease runs stood still for p99 %d ms, longest %d ms, %d of"
                            + " %d times over %d s (seed %d)",
                    rounds,
                    deaths,
                    rounds * RUNS,
                    failedByDeath.get(),
                    staleReports.get(),
                    Figures.percentile(handOvers, 50),
                    Figures.percentile(handOvers, 99),
                    Figures.percentile(standstills, 99),
                    Figures.percentile(standstills, 100),
                    stuck,
                    standstills.size(),
                    GRACE.toSeconds(),
                    SEED);
            if (Figures.isThorough()) {
                // The small version also runs beside other builds, where a starved ledger may need longer.
                assertThat(stuck).as("runs that stood still").isZero();
            }
        }
    }

    /** Some runs in a queue of their own, some workers, and one death. */
    private final class Round {

        private final LedgerProcess ledger;
        private final LedgerClient client;
        private final Victim victim;
        private final Phase phase;
        private final String queue;
        private final AtomicInteger deathsLeft = new AtomicInteger(1);
        private final CountDownLatch deathIsDue = new CountDownLatch(1);
        private final CountDownLatch deathIsOver = new CountDownLatch(1);
        private final AtomicInteger ended = new AtomicInteger();
        private volatile Instant backAt = Instant.EPOCH;

        Round(LedgerProcess ledger, LedgerClient client, Victim victim, Phase phase, String queue) {
            this.ledger = ledger;
            this.client = client;
            this.victim = victim;
            this.phase = phase;
            this.queue = queue;
        }

        void play() throws Exception {
            List<String> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                ObjectNode body =
                        LedgerClient.object().put("target", "task:crash").put("queue", queue);
                runs.add(client.post("/v1/runs", body.put("max_attempts", ATTEMPTS))
                        .id());
            }
            try (ExecutorService executor = Executors.newFixedThreadPool(WORKERS)) {
                List<Future<?>> workers = new ArrayList<>();
                for (int i = 0; i < WORKERS; i++) {
                    String name = queue + "-worker-" + i;
                    workers.add(executor.submit(() -> {
                        work(name);
                        return null;
                    }));
                }
                if (victim != Victim.WORKER) {
                    assertThat(deathIsDue.await(60, TimeUnit.SECONDS)).isTrue();
                    kill();
                    deathIsOver.countDown();
                }
                for (Future<?> worker : workers) {
                    worker.get();
                }
            }
            check(runs);
        }

        private void kill() {
            if (victim == Victim.SERVER) {
                ledger.kill9();
                ledger.start();
            } else {
                ProcessHandle postmaster = ledger.signalPostgres("QUIT");
                postmaster.onExit().orTimeout(30, TimeUnit.SECONDS).join();
                ledger.until(ledger::isReady, Duration.ofSeconds(60), "ready again");
            }
            backAt = Instant.now();
        }

        /** Works until every run has ended. */
        private void work(String name) throws Exception {
            for (int job = 0; !allEnded(); job++) {
                if (meets(Phase.BEFORE_CLAIM)) {
                    continue;
                }
                ObjectNode wish = LedgerClient.object().put("worker", name).put("lease_seconds", LEASE_SECONDS);
                wish.put("wait_seconds", 1).putArray("queues").add(queue);
                Answer claimed = ask("/v1/claims", wish);
                if (claimed == null || claimed.status() != 200) {
                    continue;
                }
                for (JsonNode claim : claimed.body().get("claims")) {
                    carryOut(claim, name + "-" + job);
                }
            }
        }

        private void carryOut(JsonNode claim, String output) throws Exception {
            String run = claim.at("/run/id").asString();
            ObjectNode report = LedgerClient.object().put("output", output);
            report.set("lease_token", claim.get("lease_token"));
            if (meets(Phase.AFTER_CLAIM)) {
                rises(run, report);
                return;
            }
            ObjectNode heartbeat = LedgerClient.object();
            heartbeat.set("lease_token", claim.get("lease_token"));
            ask("/v1/runs/" + run + "/heartbeat", heartbeat);
            if (meets(Phase.DURING_WORK) || meets(Phase.BEFORE_REPORT)) {
                rises(run, report);
                return;
            }
            report(run, report);
        }

        /** Whether the caller dies here; when something else is to die here, it has died when this returns. */
        private boolean meets(Phase here) throws InterruptedException {
            if (here != phase || deathsLeft.getAndDecrement() <= 0) {
                return false;
            }
            if (victim == Victim.WORKER) {
                return true;
            }
            deathIsDue.countDown();
            assertThat(deathIsOver.await(4, TimeUnit.MINUTES)).isTrue();
            return false;
        }

        /** A worker that was thought dead reports when another one has its run: that must change nothing. */
        private void rises(String run, ObjectNode report) throws Exception {
            ledger.until(() -> client.eventsOf(run).size() > 3, PATIENCE, "ended");
            Answer late = client.post("/v1/runs/" + run + "/complete", report);
            assertThat(late.status()).as("%s", late.body()).isEqualTo(409);
            staleReports.incrementAndGet();
        }

        /** Reports until there is an answer. */
        private void report(String run, ObjectNode report) throws InterruptedException {
            Answer answer = null;
            while (answer == null || answer.status() == 503) {
                answer = ask("/v1/runs/" + run + "/complete", report);
            }
            if (answer.status() == 200) {
                String before = accepted.put(run, report.get("output").asString());
                assertThat(before).as("what was accepted of %s before", run).isNull();
            } else {
                assertThat(answer.status()).as("%s", answer.body()).isEqualTo(409);
                staleReports.incrementAndGet();
            }
        }

        private @Nullable Answer ask(String path, JsonNode body) throws InterruptedException {
            try {
                return client.post(path, body);
            } catch (IOException | IllegalStateException e) {
                awaitReturn();
                return null;
            }
        }

        private boolean allEnded() throws InterruptedException {
            if (ended.get() == RUNS) {
                return true;
            }
            try {
                Answer answer = client.get("/v1/runs?limit=100&status=succeeded&status=failed&queue=" + queue);
                ended.set(answer.status() == 200 ? answer.body().get("data").size() : 0);
            } catch (IOException | IllegalStateException e) {
                awaitReturn();
                return false;
            }
            return ended.get() == RUNS;
        }

        /** The ledger is away, or about to come back at another address; a death that nobody told of yet takes a moment. */
        private void awaitReturn() throws InterruptedException {
            var _ = deathIsOver.await(1, TimeUnit.SECONDS);
        }

        private void check(List<String> runs) {
            for (String run : runs) {
                JsonNode view = client.read("/v1/runs/" + run);
                assertThat(view.get("status").asString()).as("%s", view).isEqualTo("succeeded");
                assertThat(view.get("attempt").asInt()).isBetween(1, ATTEMPTS);
                if (accepted.containsKey(run)) {
                    assertThat(view.get("output").asString()).isEqualTo(accepted.get(run));
                }
                checkTimes(client.eventsOf(run));
            }
        }

        /** From each start to the end of its attempt, and from each queueing to the next start. */
        private void checkTimes(List<JsonNode> events) {
            Map<String, Instant> last = new HashMap<>();
            for (JsonNode event : events) {
                String type = event.get("type").asString();
                Instant at = Instant.parse(event.get("recorded_at").asString());
                if (type.equals("run.attempt_failed")) {
                    failedByDeath.incrementAndGet();
                    assertThat(event.at("/payload/error/code").asString()).isEqualTo("lease_expired");
                }
                if (type.equals("run.attempt_failed") || type.equals("run.succeeded")) {
                    // A heartbeat came at most a moment after the start.
                    standstills.add(late(last.get("run.started").plusSeconds(LEASE_SECONDS), at));
                    if (type.equals("run.attempt_failed") && backAt.equals(Instant.EPOCH)) {
                        handOvers.add(Duration.between(last.get("run.started").plusSeconds(LEASE_SECONDS), at)
                                .toMillis());
                    }
                } else if (type.equals("run.started")) {
                    // Others may be worked on first.
                    standstills.add(late(last.get("run.queued").plusSeconds(LEASE_SECONDS), at));
                }
                last.put(type, at);
            }
        }

        /** By how many milliseconds it happened too late; 0 when it was in time. */
        private long late(Instant due, Instant at) {
            Instant latest = due.isAfter(backAt) ? due : backAt.plusSeconds(LEASE_SECONDS);
            return Math.max(0, Duration.between(latest, at).toMillis());
        }
    }
}
