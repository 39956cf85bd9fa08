package io.runledger.command.task;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.Parent;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunDefaults;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.Terms;
import io.runledger.command.definition.CompiledDefinition;
import io.runledger.command.definition.Definitions;
import io.runledger.command.json.JsonTemplate;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.store.TaskDirectory.PlannedRun;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says what the run of a task is to be like: as the plan has it, filled in, on the terms of its target's definition. */
final class TaskRuns {

    private static final String DEFAULT_QUEUE = "default";

    private final TaskDirectory directory;
    private final Definitions definitions;
    private final TaskSettings settings;
    private final Clock clock;

    TaskRuns(TaskDirectory directory, Definitions definitions, TaskSettings settings, Clock clock) {
        this.directory = directory;
        this.definitions = definitions;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * The command that makes the run of a task; the same whenever it is asked for, so it has one effect.
     *
     * @throws io.runledger.api.Problem when the task cannot be done as it is
     */
    CreateRun create(PlannedRun run, PlannedTask task, RunId id) {
        Json template = task.input();
        TaskFacts facts = TaskFacts.of(run, task, directory, settings.outputBytes());
        Json input = template == null
                ? null
                : JsonTemplate.fill(template, (_, pointer) -> facts.at(pointer), settings.inputChars());
        CompiledDefinition definition = definitions.of(run.created().project(), task.target());
        if (definition != null) {
            definition.check(run.created().stage(), input, null);
        }
        return create(run, task, id, input, definition == null ? RunDefaults.NONE : definition.defaults());
    }

    /** The same for a run that is not wanted any more, whose input need not be found out. */
    CreateRun unwanted(PlannedRun run, PlannedTask task, RunId id) {
        return create(run, task, id, null, RunDefaults.NONE);
    }

    private CreateRun create(PlannedRun run, PlannedTask task, RunId id, @Nullable Json input, RunDefaults defaults) {
        RunCreated parent = run.created();
        Instant now = clock.instant();
        String oncePerRun = parent.runId().toString();
        return new CreateRun(
                id,
                new CommandContext(parent.project(), run.actor(), now, null, oncePerRun, null, run.requestId()),
                task.target(),
                parent.mode(),
                null,
                Objects.requireNonNullElse(task.name(), task.key()),
                input,
                task.config(),
                labels(task, defaults),
                task.metadata(),
                parent.stage(),
                Objects.requireNonNullElse(said(task.queue(), defaults.queue()), DEFAULT_QUEUE),
                Objects.requireNonNullElse(said(task.priority(), defaults.priority()), 0),
                Objects.requireNonNullElse(said(task.maxAttempts(), defaults.maxAttempts()), 1),
                said(task.backoff(), defaults.backoff()),
                null,
                terms(task, defaults, now),
                null,
                null,
                new Parent(
                        parent.runId(),
                        parent.parent() == null
                                ? parent.runId()
                                : parent.parent().rootId(),
                        task.key()));
    }

    private static @Nullable Terms terms(PlannedTask task, RunDefaults defaults, Instant now) {
        Terms terms = new Terms(
                said(task.timeout(), defaults.timeout()),
                task.ttl() == null ? null : now.plus(task.ttl()).truncatedTo(ChronoUnit.MICROS),
                said(task.concurrency(), defaults.concurrency()),
                null);
        return terms.equals(Terms.NONE) ? null : terms;
    }

    private static @Nullable Map<String, String> labels(PlannedTask task, RunDefaults defaults) {
        Map<String, String> labels = new LinkedHashMap<>(Objects.requireNonNullElse(defaults.labels(), Map.of()));
        labels.putAll(Objects.requireNonNullElse(task.labels(), Map.of()));
        return labels.isEmpty() ? null : labels;
    }

    private static <T> @Nullable T said(@Nullable T byTask, @Nullable T byDefinition) {
        return byTask == null ? byDefinition : byTask;
    }
}
