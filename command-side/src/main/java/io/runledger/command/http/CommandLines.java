package io.runledger.command.http;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunId;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.http.StreamAnswers.Answer;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.store.RunDirectory;
import io.runledger.command.store.RunIds;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Turns lines of a command stream into work: what to do, and which run it must wait its turn for. */
final class CommandLines {

    private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);
    private static final String COMMAND = "command";
    private static final String RUN = "run";
    private static final Set<String> ENVELOPE = Set.of(COMMAND, RUN);

    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunDirectory directory;
    private final Tools tools;

    /** What lines are read and answered with. */
    record Tools(JsonBodies bodies, RunIds ids, LeaseTokens leaseTokens) {}

    CommandLines(RunCommands commands, RunCommandFactory factory, RunDirectory directory, Tools tools) {
        this.commands = commands;
        this.factory = factory;
        this.directory = directory;
        this.tools = tools;
    }

    /** A command that was read and not yet carried out; those of one run must be carried out in turn. */
    record Task(RunId runId, LongFunction<Answer> work) {

        Answer carryOut(long line) {
            return work.apply(line);
        }
    }

    /**
     * Reads one line.
     *
     * @throws Problem when it is not a command
     */
    Task read(String line, Origin origin, StreamKeys keys) {
        Map<String, String> envelope = tools.bodies().strings(line, ENVELOPE);
        CommandName name = name(envelope.get(COMMAND));
        Record body = tools.bodies().read(name.bodyType(), line, ENVELOPE);
        String run = envelope.get(RUN);
        if (body instanceof Bodies.Create create) {
            if (run != null) {
                throw Problem.badRequest("/" + RUN, "a create makes a new run; name it with key");
            }
            return create(create, origin, keys);
        }
        if (run == null) {
            throw Problem.badRequest("/" + RUN, "is required: the run's id, or key:<key>");
        }
        RunId id = resolve(run, origin, keys);
        RunCommand command = name.command(factory, id, body, origin);
        return new Task(id, number -> answer(number, sendAgainIfKeyMoved(name, run, body, command, origin)));
    }

    private static CommandName name(@Nullable String wireName) {
        CommandName name = wireName == null ? null : CommandName.parse(wireName);
        if (name == null) {
            String known = Arrays.stream(CommandName.values())
                    .map(CommandName::wireName)
                    .collect(Collectors.joining(", "));
            throw Problem.badRequest("/" + COMMAND, "must be one of " + known);
        }
        return name;
    }

    private Task create(Bodies.Create body, Origin origin, StreamKeys keys) {
        CreateRun command = factory.create(tools.ids().next(), body, origin);
        String key = body.key();
        if (key == null) {
            return new Task(command.runId(), line -> answer(line, commands.create(command, body.inputs())));
        }
        RunId underWay = keys.get(key);
        if (underWay != null) {
            // Made by an earlier line: wait for it, then let the store say whether this is the same command.
            return new Task(underWay, line -> answer(line, commands.create(command, body.inputs())));
        }
        keys.put(key, command.runId());
        return new Task(command.runId(), line -> answer(line, createOrRepeat(command, body.inputs(), key, origin)));
    }

    /** Most creates are new, so only the store says no; that of a stream that was just sent is known here. */
    private Outcome createOrRepeat(CreateRun command, @Nullable Collection<Json> inputs, String key, Origin origin) {
        RunId first = directory.knownRunOfKey(origin.caller().project(), key);
        return first == null ? commands.create(command, inputs) : commands.createdBefore(command, inputs, first);
    }

    private RunId resolve(String reference, Origin origin, StreamKeys keys) {
        if (!reference.startsWith(RunReferences.KEY_PREFIX)) {
            RunId id = RunId.parse(reference);
            if (id == null) {
                throw Problem.badRequest("/" + RUN, "is not a run: write its id or key:<key>");
            }
            return id;
        }
        String key = reference.substring(RunReferences.KEY_PREFIX.length());
        RunId known = keys.get(key);
        if (known != null) {
            return known;
        }
        RunId stored = directory.runOfKey(origin.caller().project(), key);
        if (stored == null) {
            throw Problem.noSuchRun(reference);
        }
        keys.put(key, stored);
        return stored;
    }

    /** A create of this stream may have lost its key to another client; then the key means that client's run. */
    private Outcome sendAgainIfKeyMoved(
            CommandName name, String reference, Record body, RunCommand command, Origin origin) {
        try {
            return commands.send(command);
        } catch (Problem problem) {
            if (problem.code() == ProblemCode.NOT_FOUND && reference.startsWith(RunReferences.KEY_PREFIX)) {
                String key = reference.substring(RunReferences.KEY_PREFIX.length());
                RunId moved = directory.runOfKey(origin.caller().project(), key);
                if (moved != null && !moved.equals(command.runId())) {
                    return commands.send(name.command(factory, moved, body, origin));
                }
            }
            throw problem;
        }
    }

    private Answer answer(long line, Outcome outcome) {
        String token = tools.leaseTokens().print(outcome.runId(), outcome.lease());
        return new Answer(line, outcome.runId(), outcome.version(), token, null);
    }

    /** What to tell of a failure: a refusal as it is, anything else without its inside. */
    static Problem problem(RuntimeException failure) {
        return switch (failure) {
            case Problem problem -> problem;
            case DataAccessException _ ->
                new Problem(ProblemCode.UNAVAILABLE, "The database is away; send this line again.");
            default -> {
                LOG.error("a line of a command stream failed", failure);
                yield new Problem(ProblemCode.INTERNAL_ERROR, "The ledger failed at this line; it is logged.");
            }
        };
    }
}
