package io.runledger.command.work;

import io.runledger.api.CommandContext;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.api.Terms;
import io.runledger.command.run.LedgerNode;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.BatchInputs;
import io.runledger.command.store.EndedRuns;
import io.runledger.command.store.RunDirectory;
import io.runledger.command.store.RunIds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A node that hands out work and keeps times, with a memory of its own; its times are looked at when a test says so. */
final class WorkNode implements AutoCloseable {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    static final int MOST_WAITING = 8;

    final LedgerNode ledger;
    final ClaimDesk desk;
    final Timekeeper timekeeper;
    final Leases leases;
    final Queues queues;
    final ItemDesk items;
    private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();

    WorkNode(DataSource dataSource) {
        this(dataSource, Clock.systemUTC());
    }

    /** A node whose own clock shows this. */
    WorkNode(DataSource dataSource, Clock clock) {
        ledger = new LedgerNode(dataSource, clock);
        WorkStatements statements = new WorkStatements(dataSource);
        RunDirectory directory = new RunDirectory(JdbcClient.create(dataSource));
        desk = new ClaimDesk(new Reservations(statements), ledger.commands(), MOST_WAITING);
        desk.listenTo(listeners::put);
        desk.start();
        Gate gate = new Gate(statements, new EndedRuns(JdbcClient.create(dataSource)), directory);
        timekeeper = new Timekeeper(new DueRuns(statements), gate, ledger.commands(), clock, Duration.ofMillis(50));
        leases = new Leases(statements, directory);
        queues = new Queues(statements);
        items = new ItemDesk(statements, new BatchInputs(JdbcClient.create(dataSource)), ledger.commands());
    }

    /** What a notification of the database would do. */
    void hears(String channel) {
        listeners.get(channel).run();
    }

    static CommandContext context(String project) {
        return new CommandContext(project, "key:ci", Instant.now(), null, null, null, "req-1");
    }

    /** A create with what a test is about. */
    record Wanted(
            String queue,
            String target,
            int priority,
            int maxAttempts,
            @Nullable Instant runAt,
            Terms terms) {

        static Wanted plain() {
            return new Wanted("default", "task:t", 0, 1, null, Terms.NONE);
        }

        Wanted in(String otherQueue) {
            return new Wanted(otherQueue, target, priority, maxAttempts, runAt, terms);
        }

        Wanted of(String otherTarget) {
            return new Wanted(queue, otherTarget, priority, maxAttempts, runAt, terms);
        }

        Wanted withPriority(int other) {
            return new Wanted(queue, target, other, maxAttempts, runAt, terms);
        }

        Wanted withAttempts(int other) {
            return new Wanted(queue, target, priority, other, runAt, terms);
        }

        Wanted at(Instant time) {
            return new Wanted(queue, target, priority, maxAttempts, time, terms);
        }

        Wanted on(Terms others) {
            return new Wanted(queue, target, priority, maxAttempts, runAt, others);
        }
    }

    RunId create(Wanted wanted) {
        return create("default", wanted);
    }

    RunId create(String project, Wanted wanted) {
        CreateRun create = command(project, wanted);
        ledger.send(create);
        return create.runId();
    }

    static CreateRun command(String project, Wanted wanted) {
        RunId run = IDS.next();
        return new CreateRun(
                run,
                context(project),
                Target.of(wanted.target()),
                RunMode.ASYNC,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                wanted.queue(),
                wanted.priority(),
                wanted.maxAttempts(),
                null,
                wanted.runAt(),
                wanted.terms(),
                null,
                null,
                null);
    }

    CompletableFuture<List<Outcome>> claim(Selection selection, int max, Duration patience) {
        return desk.claim(new ClaimDesk.Wish(selection, max, patience, WorkNode::start));
    }

    /** The runs that are there right now. */
    List<RunId> claim(int max) {
        return claim(new Selection("default", List.of(), List.of()), max, Duration.ZERO).join().stream()
                .map(Outcome::runId)
                .toList();
    }

    static RunCommand start(RunId run) {
        return new StartRun(run, context("default"), "w1", 30);
    }

    @Override
    public void close() {
        desk.stop();
        ledger.close();
    }
}
