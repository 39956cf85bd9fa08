package io.runledger.benchmarks.commands;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.command.Futures;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.RunIds;
import io.runledger.command.work.ClaimDesk;
import io.runledger.command.work.ClaimDesk.Wish;
import io.runledger.command.work.Selection;
import io.runledger.query.projection.ViewPosition;
import io.runledger.server.Runledger;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** W5: workers inside the ledger's own process claim runs and complete them; the view follows meanwhile. */
public final class Claims implements Workload {

    private static final int WORKERS = 8;
    private static final List<Integer> BATCHES = List.of(1, 20);
    private static final int JOBS_A_SAMPLE = 50;
    private static final int WARMING_ROUNDS = 3;
    private static final int DRAINS_A_ROUND = 20;
    private static final int MOST_QUEUED = 1_000_000;
    private static final int CREATED_AT_ONCE = 10_000;
    private static final String PROJECT = "default";
    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final Duration UNTIL_THE_VIEW_FOLLOWED = Duration.ofMinutes(10);
    private static final int LEASE_SECONDS = 60;

    @Override
    public String name() {
        return "claims";
    }

    @Override
    public String description() {
        return "8 workers empty a queue inside the ledger's process, each claim and each completion durable; beside two"
                + " statements and two commits a claim by hand, with two events a job. Jobs a second; times are of a"
                + " claim and its completions.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        BareQueue queue = new BareQueue(stage.database());
        int jobs = JOBS_A_SAMPLE * stage.settings().samples();
        List<Measurement> measurements = new ArrayList<>();
        try (ConfigurableApplicationContext ledger = SpringApplication.run(Runledger.class, stage.arguments())) {
            Workshop workshop = new Workshop(
                    ledger.getBean(ClaimDesk.class),
                    ledger.getBean(RunCommands.class),
                    ledger.getBean(RunIds.class),
                    ledger.getBean(Clock.class));
            ViewPosition view = ledger.getBean(ViewPosition.class);
            for (int round = 0; round < WARMING_ROUNDS; round++) {
                for (int batch : BATCHES) {
                    workshop.create(jobs);
                    empty(jobs, () -> workshop.worker(batch));
                }
            }
            stage.recorded(() -> {
                for (int batch : BATCHES) {
                    measurements.add(Measurement.alternating(
                            "claims of " + batch,
                            stage.settings().rounds(),
                            () -> {
                                workshop.create(jobs);
                                awaitView(stage, view);
                                return empty(jobs, () -> workshop.worker(batch));
                            },
                            () -> {
                                queue.fill(jobs);
                                return empty(jobs, () -> queue.worker(batch));
                            }));
                    stage.tell(measurements.getLast().toString());
                }
            });
            measurements.add(deep(stage, workshop, view));
        }
        return measurements;
    }

    /** The same number of claims from a queue that holds just them, and from one that holds very many. */
    private static Measurement deep(Stage stage, Workshop workshop, ViewPosition view) throws Exception {
        int depth = (int) Math.min(MOST_QUEUED, stage.settings().runs());
        int rounds = stage.settings().rounds();
        int claims = Math.max(1, stage.settings().samples() / WORKERS);
        Sample shallow = claimsOfOne(workshop, rounds, claims);
        for (int left = depth; left > 0; left -= CREATED_AT_ONCE) {
            workshop.create(Math.min(CREATED_AT_ONCE, left));
        }
        awaitView(stage, view);
        Sample deep = claimsOfOne(workshop, rounds, claims);
        return new Measurement("claims of 1, %,d queued beside %,d".formatted(depth, claims * WORKERS), deep, shallow);
    }

    /** What the view still writes of creating jobs is no part of doing them. */
    private static void awaitView(Stage stage, ViewPosition view) throws SQLException, IOException {
        view.await(stage.database().number("select max(position) from ledger.event"), UNTIL_THE_VIEW_FOLLOWED);
    }

    /** After as many unmeasured ones: runs that are remembered and runs that are not go through different code. */
    private static Sample claimsOfOne(Workshop workshop, int rounds, int claims) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int drain = 0; drain < 2 * rounds * DRAINS_A_ROUND; drain++) {
            workshop.create(claims * WORKERS);
            samples.add(drain(() -> workshop.worker(1), claims).sample());
        }
        return Sample.median(samples.subList(rounds * DRAINS_A_ROUND, samples.size()));
    }

    /** Somebody who takes jobs from a queue. */
    interface Worker extends AutoCloseable {

        /** Claims some and completes them; the answer is how many, and 0 when there was nothing to do. */
        int work() throws Exception;

        @Override
        default void close() throws SQLException {}
    }

    /** Lets the workers empty the queue, in which are so many jobs. */
    private static Sample empty(int jobs, Callable<Worker> workers) throws Exception {
        Drained drained = drain(workers, Integer.MAX_VALUE);
        if (drained.jobs() != jobs) {
            throw new IllegalStateException(drained.jobs() + " of " + jobs + " jobs were done");
        }
        return drained.sample();
    }

    private record Drained(int jobs, Sample sample) {}

    /** Lets each worker claim so often, or until there is nothing left. */
    private static Drained drain(Callable<Worker> workers, int claims) throws Exception {
        List<Worker> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < WORKERS; i++) {
                all.add(workers.call());
            }
            long begun = System.nanoTime();
            List<Future<Busy>> busy = all.stream()
                    .map(worker -> threads.submit(() -> work(worker, claims)))
                    .toList();
            List<Busy> each = new ArrayList<>();
            for (Future<Busy> one : busy) {
                each.add(one.get());
            }
            long nanos = System.nanoTime() - begun;
            Sample times = Sample.of(each.stream().flatMapToLong(Busy::nanos).toArray(), nanos);
            int jobs = each.stream().mapToInt(Busy::jobs).sum();
            return new Drained(jobs, new Sample(jobs * 1e9 / nanos, times.p50(), times.p99()));
        } finally {
            for (Worker worker : all) {
                worker.close();
            }
        }
    }

    private record Busy(int jobs, LongStream nanos) {}

    private static Busy work(Worker worker, int claims) throws Exception {
        LongStream.Builder nanos = LongStream.builder();
        int jobs = 0;
        for (int claim = 0; claim < claims; claim++) {
            long begun = System.nanoTime();
            int done = worker.work();
            if (done == 0) {
                break;
            }
            jobs += done;
            nanos.add(System.nanoTime() - begun);
        }
        return new Busy(jobs, nanos.build());
    }

    /** The ledger's side. */
    private record Workshop(ClaimDesk desk, RunCommands commands, RunIds ids, Clock clock) {

        void create(int jobs) throws Exception {
            side(Stream.generate(() -> LifecycleInside.create(ids.next(), context()))
                    .limit(jobs)
                    .map(create -> () -> commands.send(create)));
        }

        Worker worker(int batch) {
            return () -> work(batch);
        }

        private int work(int batch) throws Exception {
            Wish wish = new Wish(
                    new Selection(PROJECT, List.of(), List.of()),
                    batch,
                    PATIENCE,
                    run -> new StartRun(run, context(), "w", LEASE_SECONDS));
            List<Outcome> claimed = Futures.join(desk.claim(wish));
            side(claimed.stream()
                    .map(run -> () -> commands.send(new CompleteRun(
                            run.runId(), context(), run.lease(), new Json("{\"bytes\":48213}"), 0, List.of()))));
            return claimed.size();
        }

        /** Sends all at once, as a worker that has many reports does. */
        private static void side(Stream<Callable<Outcome>> reports) throws Exception {
            try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Outcome> report : senders.invokeAll(reports.toList())) {
                    report.get();
                }
            }
        }

        private CommandContext context() {
            return LifecycleInside.context(clock);
        }
    }
}
