package io.runledger.benchmarks.commands;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CompleteRun;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.StartRun;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.benchmarks.Measurement;
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
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** W1b: the same life of runs inside the ledger's own process, without HTTP; the view follows meanwhile. */
public final class LifecycleInside implements Workload {

    private static final List<Integer> CALLERS = List.of(1, 32, 256);
    private static final int MOST_CONNECTIONS = 80;
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
            Clients.run(8, length, () -> new Life(commands, ids, clock));
            stage.recorded(() -> {
                for (int callers : CALLERS) {
                    int connections = Math.min(callers, MOST_CONNECTIONS);
                    measurements.addAll(Measurement.alternating(
                            callers + " callers",
                            stage.settings().rounds(),
                            () -> Clients.run(callers, length, () -> new Life(commands, ids, clock)),
                            List.of("read, check, append", "insert"),
                            List.of(
                                    () -> Clients.run(connections, length, bare::living),
                                    () -> Clients.run(connections, length, bare::inserting))));
                    stage.tell(measurements.getLast().toString());
                }
            });
        }
        return measurements;
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
            CommandContext context =
                    new CommandContext("default", "key:benchmark", clock.instant(), null, null, null, "benchmark");
            commands.send(command(context));
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
