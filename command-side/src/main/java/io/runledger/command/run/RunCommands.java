package io.runledger.command.run;

import io.runledger.api.CommandContext;
import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunCommand.OpenBatch;
import io.runledger.api.RunCommand.RecordItems;
import io.runledger.api.RunCommand.TakeInItems;
import io.runledger.api.RunCommand.WithholdRun;
import io.runledger.api.RunId;
import io.runledger.command.store.AppendRefused;
import io.runledger.command.store.EventType;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.command.store.RunCache;
import io.runledger.command.store.RunDirectory;
import io.runledger.command.store.RunDirectory.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * The way in for commands. Adds to the aggregate what one run cannot see by itself: that a decision was not made on a
 * stale memory, that another node was first, that this very command was written before.
 */
public final class RunCommands {

    private static final int TRIES = 4;

    /** Results of different items do not exclude each other: it is only a question of whose turn it is. */
    private static final int TRIES_OF_RESULTS = 200;

    /** Inputs of a batch are written when there are so many characters of them, or so many of them. */
    private static final int INTAKE_CHARS = 1 << 20;

    private static final int INTAKE_INPUTS = 50_000;

    private final CommandGateway gateway;
    private final RunDirectory directory;
    private final RunCache cache;
    private final PostgresEventStorageEngine engine;

    public RunCommands(
            CommandGateway gateway, RunDirectory directory, RunCache cache, PostgresEventStorageEngine engine) {
        this.gateway = gateway;
        this.directory = directory;
        this.cache = cache;
        this.engine = engine;
    }

    /** Reads those of these runs that are not remembered, at once: a command for each of them is about to come. */
    public void expect(Collection<RunId> runs) {
        List<RunId> unknown = runs.stream().filter(run -> !remembers(run)).toList();
        if (unknown.size() > 1) {
            engine.readAhead(unknown);
        }
    }

    /** Whether a command for this run needs nothing from the database before it is decided. */
    public boolean remembers(RunId run) {
        return cache.containsKey(run.toString()) || engine.isReadAhead(run);
    }

    /**
     * Carries the command out; what it wrote is durable when this returns.
     *
     * @throws Problem when it is refused; nothing was written
     */
    public Outcome send(RunCommand command) {
        CreateRun create = creation(command);
        if (create != null && create.terms() != null) {
            requireAwaited(create, create.terms().awaited());
        }
        int tries = command instanceof RecordItems ? TRIES_OF_RESULTS : TRIES;
        for (int attempt = 1; ; attempt++) {
            Outcome outcome = attempt(command, attempt == tries);
            if (outcome != null) {
                return outcome;
            }
            cache.remove(command.runId().toString());
        }
    }

    /**
     * Creates a run; with {@code inputs} that of a batch, which goes on when the last of them is durable. Given again
     * with the same key, command id and inputs, it goes on where it was broken off.
     *
     * @throws Problem when it is refused; nothing was written
     */
    public Outcome create(CreateRun command, @Nullable Collection<Json> inputs) {
        return inputs == null
                ? send(command)
                : takeIn(send(new OpenBatch(command)).runId(), command, inputs);
    }

    /**
     * Like {@link #create}, when it is known that this run has the command's key.
     *
     * @throws Problem when it was another command that created it
     */
    public Outcome createdBefore(CreateRun command, @Nullable Collection<Json> inputs, RunId first) {
        Outcome before = createdBefore(command, first);
        return inputs == null ? before : takeIn(first, command, inputs);
    }

    private Outcome takeIn(RunId runId, CreateRun command, Collection<Json> inputs) {
        CommandContext given = command.context();
        // The id of the command is on its first event; what follows is known by where it stands.
        CommandContext context = new CommandContext(
                given.project(), given.actor(), given.at(), given.occurredAt(), null, null, given.requestId());
        int first = 0;
        List<Json> next = new ArrayList<>();
        long chars = 0;
        for (Json input : inputs) {
            next.add(input);
            chars += input.text().length();
            boolean isFull = chars >= INTAKE_CHARS || next.size() == INTAKE_INPUTS;
            if (isFull && first + next.size() < inputs.size()) {
                send(new TakeInItems(runId, context, first, List.copyOf(next), false, null));
                first += next.size();
                next.clear();
                chars = 0;
            }
        }
        return send(new TakeInItems(runId, context, first, List.copyOf(next), true, command.runAt()));
    }

    private static @Nullable CreateRun creation(RunCommand command) {
        return switch (command) {
            case CreateRun create -> create;
            case OpenBatch batch -> batch.create();
            case WithholdRun withhold -> withhold.create();
            default -> null;
        };
    }

    private Outcome keyTaken(CreateRun command) {
        return createdBefore(command, runOfKey(command));
    }

    private void requireAwaited(CreateRun command, List<RunId> awaited) {
        if (awaited.isEmpty()) {
            return;
        }
        Set<RunId> known = directory.existing(command.context().project(), awaited);
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < awaited.size(); i++) {
            if (!known.contains(awaited.get(i))) {
                errors.add(
                        new FieldError("/depends_on/" + i, "there is no run " + awaited.get(i) + " in this project"));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
    }

    /** One try; null when it was made on a stale memory of the run, or lost a race, and shall be made again. */
    private @Nullable Outcome attempt(RunCommand command, boolean last) {
        try {
            Outcome outcome = gateway.sendAndWait(command);
            // A repeat writes nothing, so no version check confirmed that the cached run was up to date.
            return outcome.written() || last || isCurrent(command.runId(), outcome.version()) ? outcome : null;
        } catch (RunRefused refused) {
            Outcome before = writtenBefore(command);
            if (before != null) {
                return before;
            }
            if (!last && !isCurrent(command.runId(), refused.version())) {
                return null;
            }
            throw refused;
        } catch (AppendRefused refused) {
            return switch (refused.rule()) {
                case ONE_EFFECT_PER_COMMAND -> Objects.requireNonNull(writtenBefore(command));
                case ONE_RUN_PER_KEY -> keyTaken(Objects.requireNonNull(creation(command)));
                case ONE_RUN_PER_SLOT ->
                    throw new Problem(ProblemCode.CONFLICT, "Another run got this slot of the concurrency first.");
                case ONE_EVENT_PER_VERSION -> {
                    CreateRun create = creation(command);
                    if (create != null) {
                        yield createdBefore(create);
                    }
                    if (last) {
                        throw new Problem(
                                ProblemCode.CONFLICT, "Other commands for this run keep coming first; try again.");
                    }
                    yield null;
                }
            };
        } catch (AggregateNotFoundException missing) {
            throw Problem.noSuchRun(command.runId().toString());
        }
    }

    private boolean isCurrent(RunId runId, long version) {
        return directory.version(runId) == version;
    }

    /** What the command came to when it was given before with the same command id; null when it was not. */
    private @Nullable Outcome writtenBefore(RunCommand command) {
        return writtenBefore(command.runId(), command);
    }

    private @Nullable Outcome writtenBefore(RunId runId, RunCommand command) {
        String commandId = command.context().commandId();
        if (commandId == null) {
            return null;
        }
        Written written = directory.written(runId, command.context().project(), commandId);
        if (written == null) {
            return null;
        }
        boolean leased = command instanceof RunCommand.StartRun start && start.leaseSeconds() != null;
        boolean started = written.type().equals(EventType.STARTED.storedName());
        Long lease = leased && started ? written.sequence() : null;
        return new Outcome(runId, directory.version(runId), lease, false);
    }

    /** The answer to a create whose run id is taken: like the first time when it is the same command. */
    private Outcome createdBefore(CreateRun command) {
        Outcome before = writtenBefore(command);
        if (before != null) {
            return before;
        }
        throw new Problem(ProblemCode.CONFLICT, "There is a run " + command.runId() + " already.");
    }

    private RunId runOfKey(CreateRun command) {
        String key = Objects.requireNonNull(command.key());
        return Objects.requireNonNull(directory.runOfKey(command.context().project(), key));
    }

    /** The answer to a create whose key this run has: like the first time when it is the same command. */
    private Outcome createdBefore(CreateRun command, RunId first) {
        Outcome before = writtenBefore(first, command);
        if (before != null) {
            return before;
        }
        throw new Problem(
                ProblemCode.KEY_TAKEN,
                "Run " + first + " has the key " + command.key() + " in this project.",
                List.of(),
                Map.of("run_id", first));
    }
}
