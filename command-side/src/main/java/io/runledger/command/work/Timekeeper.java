package io.runledger.command.work;

import io.runledger.api.CommandContext;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.ExpireLease;
import io.runledger.api.RunCommand.ExpireRun;
import io.runledger.api.RunCommand.QueueRun;
import io.runledger.api.RunCommand.SkipRun;
import io.runledger.api.RunCommand.TimeOutRun;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.WorkChannels;
import io.runledger.command.work.DueRuns.Due;
import io.runledger.command.work.Gate.Admission;
import io.runledger.command.work.Gate.Awaiting;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is due: ends leases and attempts that took too long, queues what waited for its time, its runs or its turn.
 * Every node does so, and none is needed: what is due is asked of the database, and the run itself decides whether a
 * command still has an effect, so each has it once.
 */
public final class Timekeeper extends Lookout {

    /** Who these commands are by, as it stands in the events. */
    static final String ACTOR = "ledger";

    private static final Logger LOG = LoggerFactory.getLogger(Timekeeper.class);
    private static final int BATCH = 100;

    private final DueRuns due;
    private final Gate gate;
    private final RunCommands commands;
    private final Clock clock;
    private final ExecutorService hands = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("timekeeper-", 0).factory());

    Timekeeper(DueRuns due, Gate gate, RunCommands commands, Clock clock, Duration tick) {
        super("timekeeper", tick);
        this.due = due;
        this.gate = gate;
        this.commands = commands;
        this.clock = clock;
    }

    void listenTo(WorkSignal signal) {
        signal.on(WorkChannels.GATE, this::call);
    }

    /** Does all that is due now; returns when it is done. */
    @Override
    protected void look() {
        List<Due> batch;
        do {
            batch = due.take(BATCH);
            side(batch.stream().map(one -> List.<Runnable>of(() -> act(one))).toList());
        } while (batch.size() == BATCH && isRunning());
        side(gate.toBeLookedAt().stream()
                .map(one -> List.<Runnable>of(() -> judge(one)))
                .toList());
        admit();
    }

    private void act(Due one) {
        switch (one.what()) {
            case EXPIRED -> send(new ExpireRun(one.run(), context(one.project(), one.version())));
            case LEASE_OVER -> send(new ExpireLease(one.run(), context(one.project(), null), one.version()));
            case TIMED_OUT -> send(new TimeOutRun(one.run(), context(one.project(), null), one.version()));
            case MAY_GO_ON -> send(new QueueRun(one.run(), context(one.project(), one.version()), null));
            case AWAITS_RUNS -> judge(new Awaiting(one.run(), one.project(), one.version()));
            case NOTHING -> {}
        }
    }

    private void judge(Awaiting one) {
        switch (gate.waitOf(one.run())) {
            case IS_OVER -> send(new QueueRun(one.run(), context(one.project(), one.version()), null));
            case IS_IN_VAIN ->
                send(new SkipRun(
                        one.run(), context(one.project(), one.version()), "A run that it depends on did not succeed."));
            case GOES_ON -> {}
        }
    }

    /** Those of one key one after the other, so that they are queued in the order in which they waited. */
    private void admit() {
        Map<List<String>, List<Runnable>> lines = new LinkedHashMap<>();
        for (Admission one : gate.admissions()) {
            lines.computeIfAbsent(List.of(one.project(), one.key()), _ -> new ArrayList<>())
                    .add(() -> send(new QueueRun(one.run(), context(one.project(), one.version()), one.slot())));
        }
        side(lines.values());
    }

    /** Carries the lines out side by side, each in its order; returns when all are done. */
    private void side(Iterable<List<Runnable>> lines) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        lines.forEach(line -> all.add(CompletableFuture.runAsync(() -> line.forEach(Runnable::run), hands)));
        all.forEach(CompletableFuture::join);
    }

    private void send(RunCommand command) {
        try {
            commands.send(command);
        } catch (Problem refused) {
            // Another node was first, or the run has gone another way meanwhile.
            LOG.debug(
                    "{} of run {} had no effect: {}",
                    command.getClass().getSimpleName(),
                    command.runId(),
                    refused.code());
        }
    }

    private CommandContext context(String project, @Nullable Long ifVersion) {
        return new CommandContext(project, ACTOR, clock.instant(), null, null, ifVersion, ACTOR);
    }
}
