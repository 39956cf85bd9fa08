package io.runledger.command.http;

import io.runledger.api.Caller;
import io.runledger.api.FindNextRuns;
import io.runledger.api.NextRuns;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.operation.Operation;
import io.runledger.command.operation.OperationPlan;
import io.runledger.command.run.RunCommands;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Gives runs the commands of bulk operations: the same that a request by who asked for the operation would give, with the
 * operation's id as command id, so that each run takes it once.
 */
final class OperationCommands implements OperationPlan {

    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunAnswers answers;

    OperationCommands(RunCommands commands, RunCommandFactory factory, RunAnswers answers) {
        this.commands = commands;
        this.factory = factory;
        this.answers = answers;
    }

    @Override
    public NextRuns next(Operation operation, int limit) {
        return answers.ask(
                new FindNextRuns(
                        operation.project(), operation.filter(), operation.position(), operation.upTo(), limit),
                NextRuns.class);
    }

    @Override
    public void carryOut(Operation operation, RunId run) {
        commands.send(command(operation, run));
    }

    private RunCommand command(Operation operation, RunId run) {
        Origin origin =
                new Origin(new Caller(operation.project(), operation.createdBy()), operation.requestId(), null, null);
        Bodies.Reason why = new Bodies.Reason(operation.reason(), null, null, operation.id());
        return switch (operation.command()) {
            case CANCEL -> factory.cancel(run, why, origin);
            case STOP -> factory.stop(run, why, origin);
            case RESUME ->
                factory.resume(run, new Bodies.Resume(null, operation.reason(), null, null, operation.id()), origin);
            case RERUN ->
                factory.rerun(
                        again(operation, run), LiveBodies.Rerun.as(operation.id()), answers.read(run, origin), origin);
        };
    }

    /** The new run that an operation makes of a run: always the same one, so it cannot be made twice. */
    static RunId again(Operation operation, RunId run) {
        try {
            byte[] name = (operation.id() + run).getBytes(StandardCharsets.US_ASCII);
            ByteBuffer hash =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name));
            return RunId.at(operation.createdAt().toEpochMilli(), hash.getShort(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
