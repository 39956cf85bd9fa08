package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.LedgerClient.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * One greedy project and nine polite ones ask two nodes: each node gives the greedy one its limit and no more, and the polite
 * ones what they ask for. The rules themselves are tested on every build, with a clock of the test's own.
 */
@EnabledIfSystemProperty(
        named = "runledger.thorough",
        matches = "true",
        disabledReason = "starts two servers: -Pthorough")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RateLimitsIT {

    private static final int POLITE = 9;
    private static final int EACH = 300;
    private static final Duration PACE = Duration.ofMillis(100);

    /** So many times its limit the greedy one asks; more would only show how fast this machine can ask and refuse. */
    private static final int GREED = 3;

    private static final int GREEDY = 16;

    /** Of a project, a second, on each node; so little that the machine which both nodes share has time for all. */
    private static final Map<String, Integer> LIMITS = Map.of("reading", 40, "writing", 16);

    private static final Pattern POLICY = Pattern.compile("\"project-(reading|writing)\";q=(\\d+);w=1");
    private static final Pattern LEFT = Pattern.compile("\"project-(reading|writing)\";r=(\\d+);t=([1-9]\\d*)");

    @TempDir
    Path data;

    private final AtomicInteger checked = new AtomicInteger();

    @Test
    void a_greedy_project_gets_its_limit_on_each_node_and_polite_ones_lose_nothing() throws Exception {
        try (LocalPostgres postgres = LedgerProcess.sharedPostgres(data);
                LedgerProcess one = limited("rates-one", postgres);
                LedgerProcess two = limited("rates-two", postgres)) {
            one.launch();
            two.start();
            one.until(one::isReady, Duration.ofMinutes(3), "ready");
            List<LedgerProcess> nodes = List.of(one, two);
            List<List<LedgerClient>> polite = new ArrayList<>();
            for (int i = 0; i < POLITE; i++) {
                polite.add(project("polite-" + i, nodes));
            }
            List<LedgerClient> greedy = project("greedy", nodes);
            ask(polite);
            double alone = ask(polite);
            Greed greed = new Greed(greedy);
            double beside;
            try (ScheduledExecutorService clock = Executors.newScheduledThreadPool(GREEDY)) {
                List<ScheduledFuture<?>> all = greed.begin(clock);
                beside = ask(polite);
                greed.end(clock, all);
            }
            double lost = 100 * (1 - alone / beside);
            Figures.print(
                    "O: %d polite projects asked %d times in %.2f s alone and in %.2f s beside a greedy one: %.2f %%"
                            + " lost, none refused; the greedy one got on each node, of its limit: %s; headers right in"
                            + " %d answers",
                    POLITE, POLITE * EACH, alone, beside, lost, greed.shares(), checked.get());
            assertThat(lost).as("percent of what polite projects were answered").isLessThan(1);
            assertThat(greed.shares().values())
                    .allSatisfy(share -> assertThat(share).isBetween(0.95, 1.05));
            assertThat(checked.get()).isGreaterThan(10_000);
        }
    }

    private static LedgerProcess limited(String name, LocalPostgres postgres) {
        LedgerProcess node = TwoNodesIT.node(name, postgres);
        LIMITS.forEach((traffic, limit) -> node.with(
                "RUNLEDGER_RATE_LIMITS_PROJECT_" + traffic.toUpperCase(Locale.ROOT), Integer.toString(limit)));
        return node;
    }

    /** A project with a key; a client of it for each node. */
    private static List<LedgerClient> project(String slug, List<LedgerProcess> nodes) throws Exception {
        LedgerClient keeper = new LedgerClient(nodes.getFirst());
        assertThat(keeper.post("/v1/projects", LedgerClient.object().put("slug", slug))
                        .status())
                .isEqualTo(201);
        Answer key = keeper.post(
                "/v1/keys",
                LedgerClient.object().put("name", slug).put("role", "worker").put("project", slug));
        return nodes.stream()
                .map(node -> new LedgerClient(node::uri, key.body().get("key").asString()))
                .toList();
    }

    /** Each project asks at its pace, one node after the other; how many seconds it took until all had their answers. */
    private double ask(List<List<LedgerClient>> projects) throws Exception {
        CountDownLatch answers = new CountDownLatch(projects.size() * EACH);
        long begun = System.nanoTime();
        List<ScheduledFuture<?>> all = new ArrayList<>();
        try (ScheduledExecutorService clock = Executors.newScheduledThreadPool(2 * projects.size())) {
            for (List<LedgerClient> project : projects) {
                AtomicInteger asked = new AtomicInteger();
                all.add(clock.scheduleAtFixedRate(
                        () -> {
                            int number = asked.getAndIncrement();
                            if (number < EACH) {
                                assertThat(request(project.get(number % 2), number % 4 < 2)
                                                .status())
                                        .isIn(404, 201);
                                answers.countDown();
                            }
                        },
                        0,
                        PACE.toNanos(),
                        TimeUnit.NANOSECONDS));
            }
            while (!answers.await(1, TimeUnit.SECONDS)) {
                for (ScheduledFuture<?> each : all) {
                    if (each.isDone()) {
                        each.get();
                    }
                }
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            clock.shutdownNow();
            return seconds;
        }
    }

    private Answer request(LedgerClient client, boolean reads) {
        try {
            Answer answer = reads
                    ? client.get("/v1/runs/key:none")
                    : client.post("/v1/runs", LedgerClient.object().put("target", "task:rates"));
            check(answer, reads ? "reading" : "writing");
            return answer;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void check(Answer answer, String traffic) {
        Matcher policy =
                POLICY.matcher(answer.headers().firstValue("RateLimit-Policy").orElse(""));
        Matcher left = LEFT.matcher(answer.headers().firstValue("RateLimit").orElse(""));
        assertThat(policy.matches() && left.matches())
                .as("%s", answer.headers())
                .isTrue();
        assertThat(List.of(policy.group(1), left.group(1), policy.group(2)))
                .as("%s", answer.headers())
                .containsExactly(traffic, traffic, Integer.toString(LIMITS.get(traffic)));
        boolean refused = answer.status() == 429;
        assertThat(Integer.parseInt(left.group(2))).isBetween(0, refused ? 0 : LIMITS.get(traffic) - 1);
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(refused);
        assertThat(refused).isEqualTo(answer.code().equals("too_many_requests"));
        checked.incrementAndGet();
    }

    /** Asks all nodes as fast as it can. */
    private final class Greed {

        private final List<LedgerClient> nodes;
        private final Map<String, LongAdder> letIn = new TreeMap<>();
        private final long begun = System.nanoTime();
        private double seconds;

        Greed(List<LedgerClient> nodes) {
            this.nodes = nodes;
            for (int node = 0; node < nodes.size(); node++) {
                for (String traffic : LIMITS.keySet()) {
                    letIn.put(traffic + " " + (node + 1), new LongAdder());
                }
            }
        }

        List<ScheduledFuture<?>> begin(ScheduledExecutorService clock) {
            List<ScheduledFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < GREEDY; i++) {
                int node = i % 2;
                boolean reads = i % 4 < 2;
                String traffic = reads ? "reading" : "writing";
                LongAdder mine = letIn.get(traffic + " " + (node + 1));
                long pace = TimeUnit.SECONDS.toNanos(GREEDY / 4) / (GREED * LIMITS.get(traffic));
                all.add(clock.scheduleAtFixedRate(
                        () -> {
                            Answer answer = request(nodes.get(node), reads);
                            assertThat(answer.status()).isIn(404, 201, 429);
                            if (answer.status() != 429) {
                                mine.increment();
                            }
                        },
                        0,
                        pace,
                        TimeUnit.NANOSECONDS));
            }
            return all;
        }

        /** A task that is done has failed. */
        void end(ScheduledExecutorService clock, List<ScheduledFuture<?>> all) throws Exception {
            seconds = (System.nanoTime() - begun) / 1e9;
            for (ScheduledFuture<?> each : all) {
                if (each.isDone()) {
                    each.get();
                }
            }
            clock.shutdown();
        }

        /** What it got, beside a second's worth that may come at once, as a part of what its limit lets in. */
        Map<String, Double> shares() {
            Map<String, Double> shares = new TreeMap<>();
            letIn.forEach((what, times) -> {
                int limit = LIMITS.get(what.split(" ")[0]);
                shares.put(what, Math.round(1_000 * (times.sum() - limit) / (limit * seconds)) / 1_000.0);
            });
            return shares;
        }
    }
}
