package io.runledger.benchmarks.commands;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.NoteRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.commands.Clients.Caller;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.RunIds;
import io.runledger.server.Runledger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** W1b: the same life of runs inside the ledger's own process, without HTTP; the view follows meanwhile. */
public final class LifecycleInside implements Workload {

    private static final List<Integer> CALLERS = List.of(1, 32, 256);
    private static final int MOST_CONNECTIONS = 80;
    private static final int WARMING_ROUNDS = 10;
    private static final int LONG_RUN = 10_000;
    private static final int SHORT_RUN = 10;
    private static final Json INPUT = new Json("\"" + "x".repeat(300) + "\"");

    @Override
    public String name() {
        return "inside";
    }

    @Override
    public String description() {
        return "Commands (create, start, complete) inside the ledger's process, each durable when it returns.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        BareEvents bare = new BareEvents(stage.database());
        Duration length = Duration.ofSeconds(stage.settings().seconds());
        List<Measurement> measurements = new ArrayList<>();
        try (ConfigurableApplicationContext ledger = SpringApplication.run(Runledger.class, stage.arguments())) {
            RunCommands commands = ledger.getBean(RunCommands.class);
            RunIds ids = ledger.getBean(RunIds.class);
            Clock clock = ledger.getBean(Clock.class);
            for (int round = 0; round < WARMING_ROUNDS; round++) {
                Clients.runVirtual(CALLERS.get(1), length, () -> new Life(commands, ids, clock));
            }
            stage.recorded(() -> {
                for (int callers : CALLERS) {
                    int connections = Math.min(callers, MOST_CONNECTIONS);
                    measurements.addAll(Measurement.alternating(
                            callers + " callers",
                            stage.settings().rounds(),
                            () -> Clients.runVirtual(callers, length, () -> new Life(commands, ids, clock)),
                            List.of("read, check, append", "insert"),
                            List.of(
                                    () -> Clients.runVirtual(connections, length, bare::living),
                                    () -> Clients.runVirtual(connections, length, bare::inserting))));
                    stage.tell(measurements.getLast().toString());
                }
            });
            measurements.add(longRun(stage, new Notes(commands, ids, clock)));
        }
        return measurements;
    }

    /** The next command of a run that has had very many. */
    private static Measurement longRun(Stage stage, Notes notes) throws Exception {
        int samples = stage.settings().samples();
        int events = (int) Math.min(LONG_RUN, stage.settings().runs());
        RunId run = notes.run(events);
        return Measurement.alternating(
                "next command after %,d events beside %d".formatted(events, SHORT_RUN),
                stage.settings().rounds(),
                () -> notes.timed(List.of(run), samples),
                () -> {
                    List<RunId> runs = new ArrayList<>();
                    for (int i = 0; i < Math.max(1, samples / SHORT_RUN); i++) {
                        runs.add(notes.run(SHORT_RUN));
                    }
                    return notes.timed(runs, SHORT_RUN);
                });
    }

    /** Runs on which somebody notes one thing after the other. */
    private record Notes(RunCommands commands, RunIds ids, Clock clock) {

        /** A run with so many events. */
        RunId run(int events) {
            RunId run = ids.next();
            commands.send(create(run, context(clock)));
            int made = (int) commands.send(new StartRun(run, context(clock), "w", null))
                            .version()
                    + 1;
            for (int i = made; i < events; i++) {
                note(run);
            }
            return run;
        }

        /** So many notes on each of these runs. */
        Sample timed(List<RunId> runs, int count) {
            LongStream.Builder nanos = LongStream.builder();
            long begun = System.nanoTime();
            for (RunId run : runs) {
                for (int i = 0; i < count; i++) {
                    long before = System.nanoTime();
                    note(run);
                    nanos.add(System.nanoTime() - before);
                }
            }
            return Sample.of(nanos.build().toArray(), System.nanoTime() - begun);
        }

        private void note(RunId run) {
            commands.send(new NoteRun(run, context(clock), "note", new Json("{\"step\":1}")));
        }
    }

    /** Of a command that comes now. */
    static CommandContext context(Clock clock) {
        return new CommandContext("default", "key:benchmark", clock.instant(), null, null, null, "benchmark");
    }

    /** A create as most are, with an input of 300 characters. */
    static CreateRun create(RunId run, CommandContext context) {
        return new CreateRun(
                run,
                context,
                Target.of("task:resize-image"),
                RunMode.ASYNC,
                null,
                null,
                INPUT,
                null,
                Map.of("team", "web"),
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

    /** Takes one run after the other through its life, a command a call. */
    private static final class Life implements Caller {

        private final RunCommands commands;
        private final RunIds ids;
        private final Clock clock;
        private RunId run;
        private int step;

        private Life(RunCommands commands, RunIds ids, Clock clock) {
            this.commands = commands;
            this.ids = ids;
            this.clock = clock;
            this.run = ids.next();
        }

        @Override
        public void call() {
            commands.send(command(context(clock)));
            step = (step + 1) % 3;
            run = step == 0 ? ids.next() : run;
        }

        private RunCommand command(CommandContext context) {
            return switch (step) {
                case 0 -> create(run, context);
                case 1 -> new StartRun(run, context, "w", null);
                default -> new CompleteRun(run, context, null, new Json("{\"bytes\":48213}"), 0, List.of());
            };
        }
    }
}
