package io.runledger.command.http;

import io.runledger.api.Artifact;
import io.runledger.api.Caller;
import io.runledger.api.CommandContext;
import io.runledger.api.FieldError;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunDefaults;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.api.Terms;
import io.runledger.api.Ulid;
import io.runledger.command.definition.CompiledDefinition;
import io.runledger.command.definition.Definitions;
import io.runledger.command.http.Bodies.Body;
import io.runledger.command.http.Bodies.LeasedBody;
import io.runledger.command.idempotency.Claim;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.store.RunDirectory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes commands of requests: fills in defaults, reads lease tokens, and checks what only a clock can tell. */
final class RunCommandFactory {

    static final String DEFAULT_QUEUE = "default";

    /** How far a reporter's clock may be ahead of ours before "a past instant" is not believed. */
    static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

    private final Clock clock;
    private final LeaseTokens leaseTokens;
    private final Definitions definitions;
    private final DefinedTargets defined;
    private final RunDirectory directory;
    private final TaskPlans plans;

    RunCommandFactory(
            Clock clock, LeaseTokens leaseTokens, Definitions definitions, RunDirectory directory, TaskPlans plans) {
        this.clock = clock;
        this.leaseTokens = leaseTokens;
        this.definitions = definitions;
        this.defined = new DefinedTargets(definitions);
        this.directory = directory;
        this.plans = plans;
    }

    /**
     * What is the same for every command of a request.
     *
     * @param claim of the request's Idempotency-Key; null when it has none
     */
    record Origin(Caller caller, String requestId, @Nullable Long ifVersion, Claim.@Nullable Mine claim) {

        /** The same, whatever the version of the run. */
        Origin ofAnyVersion() {
            return new Origin(caller, requestId, null, claim);
        }

        /** The id of the command: the caller's own, or that of the claim. */
        @Nullable
        String commandId(@Nullable String given) {
            return given != null || claim == null ? given : Ulid.print(claim.id());
        }
    }

    CreateRun create(RunId id, Bodies.Create body, Origin origin) {
        return create(id, body, RunMode.ASYNC, null, origin);
    }

    /** A create for a caller who waits for the end, or of a run that does again what another one did. */
    CreateRun create(RunId id, Bodies.Create body, RunMode mode, @Nullable RunId rerunOf, Origin origin) {
        CompiledDefinition definition = definitions.of(origin.caller().project(), body.target());
        return create(id, body, mode, rerunOf, definition, plans.plan(body, definition), origin);
    }

    private CreateRun create(
            RunId id,
            Bodies.Create body,
            RunMode mode,
            @Nullable RunId rerunOf,
            @Nullable CompiledDefinition definition,
            @Nullable TaskPlan tasks,
            Origin origin) {
        if (body.input() != null && body.inputs() != null) {
            throw Problem.badRequest("/inputs", "give either input or inputs");
        }
        defined.require(origin.caller().project(), body.target(), tasks);
        CommandContext context = context(body, origin);
        RunDefaults defaults = defaults(body, definition);
        return new CreateRun(
                id,
                context,
                body.target(),
                mode,
                body.key(),
                body.name(),
                body.input(),
                body.config(),
                labels(body.labels(), defaults.labels()),
                body.metadata(),
                body.stage(),
                Objects.requireNonNullElse(said(body.queue(), defaults.queue()), DEFAULT_QUEUE),
                Objects.requireNonNullElse(said(body.priority(), defaults.priority()), 0),
                Objects.requireNonNullElse(said(body.maxAttempts(), defaults.maxAttempts()), 1),
                body.backoff() == null ? defaults.backoff() : body.backoff().backoff(),
                body.runAt(),
                terms(body, defaults, context.at()),
                rerunOf,
                tasks,
                null);
    }

    /** What the target's definition says for a run that keeps to it; nothing when the target has none. */
    private static RunDefaults defaults(Bodies.Create body, @Nullable CompiledDefinition definition) {
        if (definition == null) {
            return RunDefaults.NONE;
        }
        definition.check(body.stage(), body.input(), body.inputs());
        return definition.defaults();
    }

    /**
     * Judges a single task as its run will be judged, while somebody waits for the answer.
     *
     * @throws Problem when it is not fit, with all that is wrong
     */
    void requireFit(SingleTask body, Origin origin) {
        String project = origin.caller().project();
        defined.require(project, body.executes(), null);
        defined.check(project, body.executes(), body.stage(), body.input());
    }

    private static <T> @Nullable T said(@Nullable T byRun, @Nullable T byDefinition) {
        return byRun == null ? byDefinition : byRun;
    }

    /**
     * A create of a run that does again what this one did, but for what the body says.
     *
     * @throws Problem when it was a batch
     */
    CreateRun rerun(RunId id, LiveBodies.Rerun body, RunView before, Origin origin) {
        if (before.items() != null) {
            throw new Problem(ProblemCode.NOT_IMPLEMENTED, "A batch cannot be run again as a whole; resume it.");
        }
        TaskPlan again = plans.again(before, body.from());
        Bodies.Create like = body.createLike(before);
        CompiledDefinition definition = definitions.of(origin.caller().project(), like.target());
        return create(id, like, RunMode.ASYNC, before.id(), definition, again, origin.ofAnyVersion());
    }

    private static @Nullable Terms terms(Bodies.Create body, RunDefaults defaults, Instant now) {
        Instant from = body.runAt() == null || body.runAt().isBefore(now) ? now : body.runAt();
        List<RunId> dependsOn = body.dependsOn();
        Terms terms = new Terms(
                said(body.timeout(), defaults.timeout()),
                body.ttl() == null ? null : from.plus(body.ttl()).truncatedTo(ChronoUnit.MICROS),
                body.concurrency() == null
                        ? defaults.concurrency()
                        : body.concurrency().concurrency(),
                dependsOn == null || dependsOn.isEmpty()
                        ? null
                        : dependsOn.stream().distinct().toList());
        return terms.equals(Terms.NONE) ? null : terms;
    }

    RunCommand start(RunId id, Bodies.Start body, Origin origin) {
        return new StartRun(id, context(body, origin), body.worker(), body.leaseSeconds());
    }

    RunCommand progress(RunId id, Bodies.Progress body, Origin origin) {
        Json checkpoint = body.checkpoint();
        if (body.percent() == null && body.message() == null) {
            if (checkpoint == null) {
                throw Problem.badRequest("", "say at least one of percent, message and checkpoint");
            }
            return new CheckpointRun(id, context(body, origin), lease(id, body), checkpoint);
        }
        return new ProgressRun(id, context(body, origin), lease(id, body), body.percent(), body.message(), checkpoint);
    }

    RunCommand note(RunId id, Bodies.Note body, Origin origin) {
        return new NoteRun(id, context(body, origin), body.type(), body.payload());
    }

    RunCommand addArtifact(RunId id, Bodies.AddArtifact body, Origin origin) {
        return new AddArtifact(id, context(body, origin), lease(id, body), body.artifact());
    }

    RunCommand finish(RunId id, Bodies.Reason body, Origin origin) {
        return new FinishRun(id, context(body, origin), lease(id, body), body.reason());
    }

    RunCommand complete(RunId id, Bodies.Complete body, Origin origin) {
        List<Artifact> artifacts = body.artifacts() == null
                ? List.of()
                : body.artifacts().stream().map(Bodies.ArtifactBody::artifact).toList();
        return new CompleteRun(id, context(body, origin), lease(id, body), body.output(), body.exitCode(), artifacts);
    }

    RunCommand fail(RunId id, Bodies.Fail body, Origin origin) {
        return new FailRun(
                id, context(body, origin), lease(id, body), body.error().error(), body.exitCode());
    }

    RunCommand stop(RunId id, Bodies.Reason body, Origin origin) {
        return new StopRun(id, context(body, origin), body.reason());
    }

    RunCommand resume(RunId id, Bodies.Resume body, Origin origin) {
        if (body.input() != null) {
            requireFit(id, body.input(), origin.caller().project());
        }
        return new ResumeRun(id, context(body, origin), body.reason(), body.input());
    }

    /** An input that takes the place of the run's own is judged like that one; of no run, nothing is. */
    private void requireFit(RunId id, Json input, String project) {
        Target target = directory.target(id, project);
        if (target != null) {
            defined.check(project, target, null, input);
        }
    }

    RunCommand cancel(RunId id, Bodies.Reason body, Origin origin) {
        return new CancelRun(id, context(body, origin), body.reason());
    }

    RunCommand recordItems(RunId id, WorkBodies.ItemResults body, @Nullable Set<Integer> leased, Origin origin) {
        List<FieldError> errors = new ArrayList<>();
        List<ItemResult> results = new ArrayList<>();
        Set<Integer> indexes = new HashSet<>();
        for (WorkBodies.ItemResultBody result : body.results()) {
            String pointer = "/results/" + results.size();
            if (!indexes.add(result.index())) {
                errors.add(new FieldError(pointer + "/index", "given twice"));
            }
            if (result.output() != null && result.error() != null) {
                errors.add(new FieldError(pointer, "give either output or error"));
            }
            results.add(result.result());
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
        return new RecordItems(id, context(body, origin), leased, results);
    }

    private @Nullable Long lease(RunId id, LeasedBody body) {
        return leaseTokens.read(id, body.leaseToken());
    }

    private CommandContext context(Body body, Origin origin) {
        Instant now = clock.instant();
        Instant occurredAt = body.occurredAt();
        if (occurredAt != null && occurredAt.isAfter(now.plus(CLOCK_TOLERANCE))) {
            throw Problem.badRequest(
                    List.of(new FieldError("/occurred_at", "lies in the future; it is when the thing happened")));
        }
        return new CommandContext(
                origin.caller().project(),
                origin.caller().actor(),
                now,
                occurredAt,
                origin.commandId(body.commandId()),
                origin.ifVersion(),
                origin.requestId());
    }

    /** The labels of the run and, under names that it does not use, of its definition; null when there are none. */
    private static @Nullable Map<String, String> labels(
            @Nullable Map<String, String> ofRun, @Nullable Map<String, String> ofDefinition) {
        Map<String, String> labels = new LinkedHashMap<>(Objects.requireNonNullElse(ofDefinition, Map.of()));
        labels.putAll(Objects.requireNonNullElse(ofRun, Map.of()));
        if (labels.size() > Bodies.MAX_LABELS) {
            throw Problem.badRequest(
                    "/labels", "size must be at most " + Bodies.MAX_LABELS + " together with the definition's");
        }
        return labels.isEmpty() ? null : labels;
    }
}
