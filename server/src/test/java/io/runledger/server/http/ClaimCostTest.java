package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.CommandContext;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.RunIds;
import io.runledger.command.work.ClaimDesk;
import io.runledger.command.work.ClaimDesk.Wish;
import io.runledger.command.work.Selection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What claiming and completing a run costs beside the least that a queue in PostgreSQL can do, on the same disk. */
@RunningLedger
class ClaimCostTest {

    private static final int WORKERS = 8;
    private static final int JOBS = Boolean.getBoolean("runledger.thorough") ? 20_000 : 2_000;
    private static final String PROJECT = "claim-cost";

    private final ClaimDesk desk;
    private final RunCommands commands;
    private final RunIds ids;
    private final Clock clock;

    ClaimCostTest(ClaimDesk desk, RunCommands commands, RunIds ids, Clock clock) {
        this.desk = desk;
        this.commands = commands;
        this.ids = ids;
        this.clock = clock;
    }

    @Test
    void claim_and_complete_beside_a_bare_queue() throws Exception {
        JdbcClient jdbc = SharedPostgres.owner();
        for (int max : new int[] {1, 20}) {
            bare(jdbc, max, JOBS / 4);
            ledger(max, JOBS / 4);
            long bare = bare(jdbc, max, JOBS);
            long ledger = ledger(max, JOBS);
            System.out.printf(
                    "claim %d and complete, %d workers, %d jobs: ledger %d jobs/s (2 events a job), bare queue %d jobs/s: %.2f%n",
                    max, WORKERS, JOBS, ledger, bare, (double) ledger / bare);
        }
    }

    /** The least: two statements a batch, each its own commit. */
    private static long bare(JdbcClient jdbc, int max, int jobs) throws Exception {
        jdbc.sql("drop table if exists public.bare").update();
        jdbc.sql("""
                        create table public.bare (id bigint primary key, status text not null, worker text)
                            with (fillfactor = 70);
                        create index bare_queued on public.bare (id) where status = 'queued'""").update();
        jdbc.sql("insert into public.bare select n, 'queued', null from generate_series(1, ?) as n")
                .param(jobs)
                .update();
        Set<Long> done = ConcurrentHashMap.newKeySet();
        return rate(jobs, () -> {
            try (var pool = new org.springframework.jdbc.datasource.SingleConnectionDataSource(
                    SharedPostgres.newConnection(), true)) {
                JdbcClient own = JdbcClient.create(pool);
                while (true) {
                    List<Long> claimed =
                            own.sql("""
                                    update public.bare set status = 'running', worker = 'w' where id in (
                                        select id from public.bare where status = 'queued' order by id limit ?
                                        for update skip locked) returning id""").param(max).query(Long.class).list();
                    if (claimed.isEmpty()) {
                        return null;
                    }
                    own.sql("update public.bare set status = 'done' where id = any(?)")
                            .param(claimed.toArray(Long[]::new))
                            .update();
                    done.addAll(claimed);
                }
            }
        });
    }

    private long ledger(int max, int jobs) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < jobs; i++) {
                all.add(executor.submit(() -> commands.send(create())));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        Set<RunId> done = ConcurrentHashMap.newKeySet();
        Selection any = new Selection(PROJECT, List.of(), List.of());
        long rate = rate(jobs, () -> {
            try (ExecutorService reports = Executors.newVirtualThreadPerTaskExecutor()) {
                while (done.size() < jobs) {
                    Wish wish = new Wish(any, max, Duration.ofMillis(50), run -> new StartRun(run, context(), "w", 60));
                    List<Future<?>> reported = new ArrayList<>();
                    for (Outcome claimed : desk.claim(wish).join()) {
                        reported.add(reports.submit(() -> {
                            commands.send(new CompleteRun(
                                    claimed.runId(), context(), claimed.lease(), null, null, List.of()));
                            assertThat(done.add(claimed.runId())).isTrue();
                        }));
                    }
                    for (Future<?> one : reported) {
                        one.get();
                    }
                }
                return null;
            }
        });
        assertThat(done).hasSize(jobs);
        return rate;
    }

    private static long rate(int jobs, Callable<Void> worker) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(WORKERS)) {
            long begun = System.nanoTime();
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                all.add(executor.submit(worker));
            }
            for (Future<Void> one : all) {
                one.get();
            }
            return jobs * TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - begun);
        }
    }

    private CreateRun create() {
        return new CreateRun(
                ids.next(),
                context(),
                Target.of("task:cost"),
                RunMode.ASYNC,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "default",
                0,
                1,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private CommandContext context() {
        return new CommandContext(PROJECT, "key:cost", clock.instant(), null, null, null, "cost");
    }
}
