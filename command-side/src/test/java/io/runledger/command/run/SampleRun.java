package io.runledger.command.run;

import io.runledger.api.Artifact;
import io.runledger.api.Backoff;
import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.api.Terms;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The run that the tests tell stories about: its commands, its events, and a history for every status. */
final class SampleRun {

    static final RunId RUN = RunId.of("01KGA0C8G0000000000000000A");
    static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    static final RunError TIMED_OUT = new RunError("timeout", "took too long", null, null);
    static final RunError HOPELESS = new RunError("bad_input", "never works", false, null);
    static final Artifact REPORT = new Artifact("report.pdf", "application/pdf", null, 12L, null);

    static final @Nullable Instant NO_TIME = null;

    private SampleRun() {}

    static CommandContext context() {
        return context(null, null);
    }

    static CommandContext context(@Nullable String commandId, @Nullable Long ifVersion) {
        return new CommandContext("default", "key:ci", NOW, null, commandId, ifVersion, "req-1");
    }

    static CommandContext contextOf(String project) {
        return new CommandContext(project, "key:ci", NOW, null, null, null, "req-1");
    }

    static CreateRun create(@Nullable Instant runAt) {
        return create(RUN, context(), null, runAt);
    }

    static CreateRun create(RunId run, CommandContext context, @Nullable String key, @Nullable Instant runAt) {
        return create(run, context, key, runAt, null);
    }

    static CreateRun create(Terms terms) {
        return create(RUN, context(), null, null, terms);
    }

    private static CreateRun create(
            RunId run, CommandContext context, @Nullable String key, @Nullable Instant runAt, @Nullable Terms terms) {
        Target target = Target.of("task:send-mail");
        return new CreateRun(
                run,
                context,
                target,
                RunMode.ASYNC,
                key,
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
                runAt,
                terms,
                null,
                null,
                null);
    }

    static StartRun start() {
        return new StartRun(RUN, context(), null, null);
    }

    static StartRun startLeased() {
        return new StartRun(RUN, context(), "w1", 30);
    }

    static ProgressRun progress(@Nullable Long lease) {
        return new ProgressRun(RUN, context(), lease, 50.0, "half", null);
    }

    static CheckpointRun checkpoint(@Nullable Long lease) {
        return new CheckpointRun(RUN, context(), lease, new Json("{\"page\":3}"));
    }

    static NoteRun note() {
        return new NoteRun(RUN, context(), "agent.message", null);
    }

    static AddArtifact addArtifact(@Nullable Long lease) {
        return new AddArtifact(RUN, context(), lease, REPORT);
    }

    static FinishRun finish(@Nullable Long lease) {
        return new FinishRun(RUN, context(), lease, null);
    }

    static CompleteRun complete(@Nullable Long lease) {
        return new CompleteRun(RUN, context(), lease, new Json("42"), 0, List.of());
    }

    static FailRun fail(@Nullable Long lease, RunError error) {
        return new FailRun(RUN, context(), lease, error, 1);
    }

    static StopRun stop() {
        return new StopRun(RUN, context(), "lunch");
    }

    static ResumeRun resume() {
        return new ResumeRun(RUN, context(), null, null);
    }

    static CancelRun cancel() {
        return new CancelRun(RUN, context(), "no need");
    }

    static RunCreated created() {
        return created(1, null);
    }

    static RunCreated created(int maxAttempts, @Nullable Backoff backoff) {
        return created(maxAttempts, backoff, null);
    }

    static RunCreated createdWith(Terms terms) {
        return created(1, null, terms);
    }

    private static RunCreated created(int maxAttempts, @Nullable Backoff backoff, @Nullable Terms terms) {
        Target target = Target.of("task:send-mail");
        return new RunCreated(
                RUN,
                "default",
                target,
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
                maxAttempts,
                backoff,
                terms,
                null,
                null,
                null);
    }

    static RunQueued queued() {
        return new RunQueued();
    }

    static RunStarted started() {
        return new RunStarted(1, null, null);
    }

    static RunStarted leased() {
        return new RunStarted(1, "w1", 30);
    }

    static RunSucceeded succeeded() {
        return new RunSucceeded(new Json("42"), 0);
    }

    /** A history that ends in this status. */
    static List<RunEvent> historyTo(RunStatus status) {
        return switch (status) {
            case CREATED -> List.of(created());
            case VALIDATING -> List.of(created(), new RunValidating());
            case INVALID -> List.of(created(), new RunValidating(), new RunInvalidated(List.of()));
            case SCHEDULED -> List.of(created(), new RunScheduled(NOW.plusSeconds(60)));
            case BLOCKED -> List.of(created(), new RunBlocked("slot"));
            case QUEUED -> List.of(created(), queued());
            case RUNNING -> List.of(created(), queued(), started());
            case STOPPED -> List.of(created(), queued(), new RunStopped(RunStatus.QUEUED, null));
            case FINISHING -> List.of(created(), queued(), started(), new RunFinishing(null));
            case SUCCEEDED -> List.of(created(), queued(), started(), new RunSucceeded(null, null));
            case PARTIALLY_SUCCEEDED -> List.of(created(), queued(), started(), new RunPartiallySucceeded(null, null));
            case FAILED -> List.of(created(), queued(), started(), new RunFailed(HOPELESS, null));
            case CANCELLED -> List.of(created(), queued(), new RunCancelled(null));
            case SKIPPED -> List.of(created(), new RunBlocked("parent"), new RunSkipped(null));
        };
    }
}
