package io.runledger.command.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random commands, given to the rules and to a model that was written from the words of the domain, not from the code. */
class RunModelTest {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int SEQUENCES = 50_000;
    private static final int COMMANDS = 50;

    @Test
    void the_rules_and_the_model_agree_on_every_command_of_every_sequence() {
        int accepted = 0;
        for (int i = 0; i < SEQUENCES; i++) {
            Random random = new Random(SEED + i);
            int attempts = 1 + random.nextInt(3);
            RunState state = new RunState();
            created(attempts).forEach(state::evolve);
            Model model = new Model(attempts);
            for (int step = 0; step < COMMANDS; step++) {
                RunCommand command = command(random, state);
                String expected = model.give(command);
                String told = decide(command, state);
                if (!told.equals(expected) || !model.shows(state)) {
                    assertThat(told + " " + model.describe(state))
                            .as("seed %d, step %d: %s", SEED + i, step, command)
                            .isEqualTo(expected + " " + model);
                }
                accepted += told.startsWith("writes") ? 1 : 0;
            }
        }
        // Otherwise the sequences would be idle talk about ended runs.
        assertThat(accepted).isGreaterThan(SEQUENCES * COMMANDS / 10);
    }

    private static String decide(RunCommand command, RunState state) {
        try {
            List<RunEvent> events = RunDecider.decide(command, state);
            events.forEach(state::evolve);
            return "writes " + events.size();
        } catch (Problem refused) {
            return refused.code().wireName();
        }
    }

    private static List<RunEvent> created(int attempts) {
        RunCreated created = new RunCreated(
                SampleRun.RUN,
                "default",
                Target.of("task:t"),
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
                attempts,
                null,
                null,
                null,
                null,
                null);
        return List.of(created, new RunQueued());
    }

    private static RunCommand command(Random random, RunState state) {
        Long ifVersion = random.nextInt(8) > 0 ? null : Long.valueOf(state.version() - random.nextInt(2));
        String project = random.nextInt(50) > 0 ? "default" : "other";
        CommandContext context = new CommandContext(project, "me", SampleRun.NOW, null, null, ifVersion, "r");
        Long lease = random.nextInt(6) > 0 ? state.lease() : Long.valueOf(random.nextInt(6));
        Json json = random.nextBoolean() ? null : new Json(Integer.toString(random.nextInt(2)));
        RunError error = new RunError("e" + random.nextInt(2), "m", random.nextInt(4) > 0 ? null : Boolean.FALSE, null);
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> new StartRun(SampleRun.RUN, context, "w", random.nextBoolean() ? null : Integer.valueOf(9));
            case 3 -> new ProgressRun(SampleRun.RUN, context, lease, 1.0, null, json);
            case 4 -> new CheckpointRun(SampleRun.RUN, context, lease, new Json("1"));
            case 5 -> new NoteRun(SampleRun.RUN, context, "n", json);
            case 6 -> new AddArtifact(SampleRun.RUN, context, lease, SampleRun.REPORT);
            case 7 -> new FinishRun(SampleRun.RUN, context, lease, null);
            case 8 -> new CompleteRun(SampleRun.RUN, context, lease, json, null, List.of());
            case 9, 10 -> new FailRun(SampleRun.RUN, context, lease, error, null);
            case 11 -> new StopRun(SampleRun.RUN, context, null);
            case 12 -> new ResumeRun(SampleRun.RUN, context, null, json);
            default ->
                random.nextInt(4) > 0
                        ? new ResumeRun(SampleRun.RUN, context, null, null)
                        : new CancelRun(SampleRun.RUN, context, null);
        };
    }

    /** A run by the words of domain.md, as plain as can be. */
    private static final class Model {

        private static final Map<String, Set<String>> FROM = Map.of(
                "Start", Set.of("queued"),
                "Finish", Set.of("running"),
                "Stop", Set.of("queued", "running"),
                "Resume", Set.of("stopped", "failed"),
                "Cancel", Set.of("queued", "running", "finishing", "stopped"));

        private final int attempts;
        private String status = "queued";
        private long version = 1;
        private int attempt;
        private Long lease;
        private String resumedWith;
        private String lastReport;

        Model(int attempts) {
            this.attempts = attempts;
        }

        String give(RunCommand command) {
            String name = command.getClass().getSimpleName().replace("Run", "");
            if (!command.context().project().equals("default")) {
                return "not_found";
            }
            if (repeats(name, command)) {
                return "writes 0";
            }
            Long wanted = command.context().ifVersion();
            if (wanted != null && wanted != version) {
                return "version_mismatch";
            }
            if (!FROM.getOrDefault(name, Set.of("running", "finishing")).contains(status)) {
                return "invalid_transition";
            }
            if (command instanceof Report report && !Objects.equals(report.lease(), lease)) {
                return "lease_lost";
            }
            int events = carryOut(command);
            version += events;
            if (command instanceof StartRun start) {
                lease = start.leaseSeconds() == null ? null : version;
            }
            return "writes " + events;
        }

        private boolean repeats(String name, RunCommand command) {
            return switch (command) {
                case StopRun _ -> status.equals("stopped");
                case CancelRun _ -> status.equals("cancelled");
                case FinishRun finish -> status.equals("finishing") && Objects.equals(finish.lease(), lease);
                case ResumeRun resume -> status.equals("queued") && ("" + resume.input()).equals(resumedWith);
                case CompleteRun _, FailRun _ -> said(command).equals(lastReport);
                default -> false;
            };
        }

        private static String said(RunCommand command) {
            return command instanceof FailRun fail
                    ? "fail " + fail.lease() + fail.error()
                    : "complete " + ((CompleteRun) command).lease() + ((CompleteRun) command).output();
        }

        private int carryOut(RunCommand command) {
            switch (command) {
                case StartRun _ -> {
                    attempt++;
                    resumedWith = null;
                    lastReport = null;
                    return become("running", 1);
                }
                case ProgressRun progress -> {
                    return progress.checkpoint() == null ? 1 : 2;
                }
                case FinishRun _ -> {
                    return become("finishing", 1);
                }
                case CompleteRun _ -> {
                    return end("succeeded", command, 1);
                }
                case FailRun fail -> {
                    boolean again = attempt < attempts && fail.error().retryable() == null;
                    return again ? end("queued", command, 2) : end("failed", command, 1);
                }
                case StopRun _ -> {
                    lease = null;
                    return become("stopped", 1);
                }
                case ResumeRun resume -> {
                    resumedWith = "" + resume.input();
                    return become("queued", 2);
                }
                case CancelRun _ -> {
                    lease = null;
                    return become("cancelled", 1);
                }
                default -> {
                    return 1;
                }
            }
        }

        private int end(String ending, RunCommand command, int events) {
            lastReport = said(command);
            lease = null;
            return become(ending, events);
        }

        private int become(String next, int events) {
            status = next;
            return events;
        }

        boolean shows(RunState state) {
            return toString().equals(describe(state));
        }

        String describe(RunState state) {
            return state.status().wireName() + " " + state.version() + " " + state.attempt() + " " + state.lease();
        }

        @Override
        public String toString() {
            return status + " " + version + " " + attempt + " " + lease;
        }
    }
}
