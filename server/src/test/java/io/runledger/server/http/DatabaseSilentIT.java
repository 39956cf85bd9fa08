package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.server.Runledger;
import io.runledger.server.postgres.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * PostgreSQL is there and does not answer, first for a lock (C1), then because the network loses everything (D), in the
 * thorough version also because its processes stand still: whoever asks is refused in time, and the ledger goes on by
 * itself, having lost nothing that it acknowledged.
 */
@Timeout(900)
class DatabaseSilentIT {

    private static final boolean THOROUGH = Boolean.getBoolean("runledger.thorough");
    private static final int BLOCKED_SECONDS = THOROUGH ? 60 : 5;
    private static final int CUT_SECONDS = THOROUGH ? 120 : 5;
    private static final int CALLERS = 48;
    private static final List<String> QUESTIONS =
            List.of("a create", "/v1/runs?limit=1", "/v1/events?limit=1", "/v1/runs/stats");
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(15);
    private static final Duration RELEASED_WITHIN = Duration.ofSeconds(10);
    private static final Duration HEALED_WITHIN = Duration.ofSeconds(30);
    private static final long MIB = 1 << 20;

    private final Path folder = SharedPostgres.freshFolder();
    private final LocalPostgres postgres = SharedPostgres.start(folder);
    private final DriverManagerDataSource owner =
            new DriverManagerDataSource(postgres.jdbcUrl(), postgres.user(), postgres.password());
    private final Set<UUID> acknowledged = ConcurrentHashMap.newKeySet();

    @Test
    void who_asks_a_database_that_does_not_answer_is_refused_in_time() throws Exception {
        URI direct = URI.create(postgres.jdbcUrl().substring("jdbc:".length()));
        try (LossyNetwork network = new LossyNetwork(direct.getPort());
                ConfigurableApplicationContext server = server(postgres.jdbcUrl()
                        .replace(direct.getHost() + ":" + direct.getPort(), "127.0.0.1:" + network.port()))) {
            LedgerClient ledger = new LedgerClient(
                    ((ServletWebServerApplicationContext) server).getWebServer().getPort());
            ledger.queued();
            long heap = usedHeap();

            Figures blocked = whileCalling(
                    ledger,
                    RELEASED_WITHIN,
                    () -> new TransactionTemplate(new JdbcTransactionManager(owner)).executeWithoutResult(_ -> {
                        JdbcClient.create(owner)
                                .sql("lock table ledger.event in access exclusive mode")
                                .update();
                        asleep(BLOCKED_SECONDS);
                    }));
            System.out.printf("C1: the table of events locked for %d s: %s%n", BLOCKED_SECONDS, blocked);

            Figures cut = whileCalling(ledger, HEALED_WITHIN, () -> {
                network.cut();
                asleep(CUT_SECONDS);
                network.heal();
            });
            System.out.printf("D: everything lost for %d s: %s%n", CUT_SECONDS, cut);

            if (THOROUGH) {
                ProcessHandle postmaster = postmaster();
                List<ProcessHandle> children = postmaster.children().toList();
                Figures still = whileCalling(ledger, RELEASED_WITHIN, () -> standStill(children));
                System.out.printf(
                        "C1: %d processes of PostgreSQL stopped for %d s, not the one that starts others: %s%n",
                        children.size(), BLOCKED_SECONDS, still);
                List<ProcessHandle> all = Stream.concat(Stream.of(postmaster), postmaster.children())
                        .toList();
                still = whileCalling(ledger, RELEASED_WITHIN, () -> standStill(all));
                System.out.printf(
                        "C1: all %d processes of PostgreSQL stopped for %d s: %s%n",
                        all.size(), BLOCKED_SECONDS, still);
            }

            assertThat(usedHeap() - heap).isLessThan(64 * MIB);
            UUID[] ids = acknowledged.toArray(UUID[]::new);
            assertThat(JdbcClient.create(owner)
                            .sql("select count(*) from ledger.event where sequence = 0 and run_id = any(?)")
                            .param(ids)
                            .query(Long.class)
                            .single())
                    .as("acknowledged runs that are there")
                    .isEqualTo(ids.length);
        } finally {
            postgres.close();
        }
    }

    /** As it ships in the thorough version; else with a tenth of its patience. */
    private ConfigurableApplicationContext server(String url) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--runledger.api-key=" + LedgerClient.KEY,
                "--runledger.database.url=" + url,
                "--runledger.database.user=" + postgres.user(),
                "--runledger.database.password=" + postgres.password()));
        if (!THOROUGH) {
            arguments.add("--runledger.database.statement-timeout=1s");
            arguments.add("--runledger.database.connection-timeout=500ms");
        }
        return SpringApplication.run(Runledger.class, arguments.toArray(String[]::new));
    }

    /** PostgreSQL itself lets the time pass. */
    private void asleep(int seconds) {
        JdbcClient.create(owner)
                .sql("select pg_sleep(?)")
                .param(seconds)
                .query()
                .singleRow();
    }

    private ProcessHandle postmaster() throws IOException {
        String pid = Files.readAllLines(folder.resolve("postgres").resolve("postmaster.pid"))
                .getFirst();
        return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    }

    /** Nobody may be left standing, whatever happens meanwhile. */
    private static void standStill(List<ProcessHandle> processes) {
        try {
            signal("STOP", processes);
            await().pollDelay(Duration.ofSeconds(BLOCKED_SECONDS))
                    .atMost(Duration.ofSeconds(BLOCKED_SECONDS + 5))
                    .until(() -> true);
        } finally {
            signal("CONT", processes);
        }
    }

    private static void signal(String name, List<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        try {
            // One for all of them: once it runs, nothing keeps it from the last. Those that have ended need no signal.
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What callers met: how often which status, the longest wait, how soon everything was well again. */
    private record Figures(
            Map<Integer, Long> statuses, Map<String, Long> slowestMillis, long recoveredMillis, int threads) {}

    private Figures whileCalling(LedgerClient ledger, Duration recovery, Runnable trouble) throws Exception {
        Map<Integer, Long> statuses = new ConcurrentSkipListMap<>();
        Map<String, Long> slowest = new ConcurrentSkipListMap<>();
        AtomicBoolean over = new AtomicBoolean();
        ManagementFactory.getThreadMXBean().resetPeakThreadCount();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                int kind = i;
                callers.add(executor.submit(() -> {
                    while (!over.get()) {
                        long begun = System.nanoTime();
                        Answer answer = ask(ledger, kind);
                        slowest.merge(QUESTIONS.get(kind % 4), (System.nanoTime() - begun) / 1_000_000, Math::max);
                        statuses.merge(answer.status(), 1L, Long::sum);
                    }
                    return null;
                }));
            }
            trouble.run();
            long released = System.nanoTime();
            await().atMost(recovery).until(() -> create(ledger).status() == 201);
            await().atMost(recovery).until(() -> ledger.get("/v1/runs").status() == 200);
            long recovered = System.nanoTime() - released;
            over.set(true);
            for (Future<?> caller : callers) {
                caller.get();
            }
            assertThat(slowest.values())
                    .as("%s %s", slowest, statuses)
                    .allMatch(millis -> millis < ANSWERED_WITHIN.toMillis());
            assertThat(statuses.keySet()).isSubsetOf(200, 201, 503).contains(503);
            return new Figures(
                    statuses,
                    slowest,
                    recovered / 1_000_000,
                    ManagementFactory.getThreadMXBean().getPeakThreadCount());
        }
    }

    private Answer ask(LedgerClient ledger, int kind) {
        Answer answer = kind % 4 == 0 ? create(ledger) : ledger.get(QUESTIONS.get(kind % 4));
        if (answer.status() == 503) {
            answer.isProblem(503, "unavailable");
            assertThat(answer.header("retry-after")).matches("\\d+");
        }
        return answer;
    }

    private Answer create(LedgerClient ledger) {
        Answer answer = ledger.post("/v1/runs", "{\"target\": \"task:t\"}");
        if (answer.status() == 201) {
            acknowledged.add(java.util.Objects.requireNonNull(io.runledger.api.Ulid.parse(answer.text("/id"))));
        }
        return answer;
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
