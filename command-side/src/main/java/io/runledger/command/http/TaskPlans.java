package io.runledger.command.http;

import io.runledger.api.Definition;
import io.runledger.api.FailurePolicy;
import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.Problem;
import io.runledger.api.RunDefaults;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.command.definition.CompiledDefinition;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.task.PlanCheck;
import io.runledger.command.task.PlanCheck.Placed;
import io.runledger.command.task.TaskSettings;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes plans of the tasks that creates bring, and tells all that is wrong with them at once. */
final class TaskPlans {

    private final JsonBodies bodies;
    private final TaskSettings settings;
    private final TaskDirectory directory;

    TaskPlans(JsonBodies bodies, TaskSettings settings, TaskDirectory directory) {
        this.bodies = bodies;
        this.settings = settings;
        this.directory = directory;
    }

    /** The tasks of a definition, which are kept as they were given. */
    record Template(@NotNull @Size(min = 1) List<TaskBody> tasks) {}

    /**
     * Returns when runs may be made of these tasks of a definition; nothing is judged when there are none.
     *
     * @throws Problem with everything that is wrong, up to as many things as a problem tells
     */
    void require(Definition definition) {
        Json tasks = definition.tasks();
        RunDefaults defaults = definition.defaults();
        List<FieldError> errors = new ArrayList<>();
        if (tasks == null) {
            if (definition.onFailure() != null) {
                errors.add(new FieldError("/on_failure", "is about tasks, and there are none"));
            }
        } else {
            triedAgain("/defaults", defaults.maxAttempts(), defaults.backoff(), errors);
            placed(template(tasks), errors);
        }
        refuse(errors);
    }

    private List<TaskBody> template(Json tasks) {
        return bodies.read(Template.class, "{\"tasks\":" + tasks.text() + "}").tasks();
    }

    /**
     * The plan of a create, its own or that of its target's definition; null when neither brings tasks.
     *
     * @throws Problem with everything that is wrong, up to as many things as a problem tells
     */
    @Nullable
    TaskPlan plan(Bodies.Create body, @Nullable CompiledDefinition definition) {
        List<FieldError> errors = new ArrayList<>();
        List<TaskBody> tasks = body.tasks();
        FailurePolicy policy = null;
        if (tasks == null && definition != null && definition.tasks() != null) {
            tasks = template(definition.tasks());
            policy = definition.onFailure();
        }
        if (tasks == null) {
            if (body.onFailure() != null) {
                throw Problem.badRequest("/on_failure", "is about tasks, and there are none");
            }
            return null;
        }
        if (body.inputs() != null) {
            errors.add(new FieldError("/inputs", "give either inputs or tasks, its own or those of its definition"));
        }
        triedAgain("", body.maxAttempts(), body.backoff(), errors);
        List<Placed> placed = placed(tasks, errors);
        refuse(errors);
        if (body.onFailure() != null) {
            policy = FailurePolicy.of(body.onFailure());
        }
        return new TaskPlan(
                Objects.requireNonNullElse(policy, FailurePolicy.FINISH_WHAT_RUNS),
                placed.stream().map(Placed::task).toList());
    }

    private static void triedAgain(
            String pointer, @Nullable Object maxAttempts, @Nullable Object backoff, List<FieldError> errors) {
        String detail = "give it to the tasks: the run itself is resumed, not tried again";
        if (maxAttempts != null) {
            errors.add(new FieldError(pointer + "/max_attempts", detail));
        }
        if (backoff != null) {
            errors.add(new FieldError(pointer + "/backoff", detail));
        }
    }

    private List<Placed> placed(List<TaskBody> tasks, List<FieldError> errors) {
        List<Placed> placed = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            place(tasks.get(i), "/tasks/" + i, null, placed, errors);
        }
        errors.addAll(PlanCheck.errors(placed, settings));
        return placed;
    }

    private static void refuse(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors.subList(0, Math.min(JsonBodies.MAX_ERRORS, errors.size())));
        }
    }

    /**
     * The plan of a run that does again what this one did: all of it, or these tasks and what hangs on them. What the
     * others came to is taken over as far as they succeeded.
     *
     * @throws Problem when the run has no such tasks
     */
    @Nullable
    TaskPlan again(RunView before, @Nullable List<String> from) {
        if (before.tasks().isEmpty()) {
            if (from != null) {
                throw Problem.badRequest("/from", "names tasks, and the run is not made of any");
            }
            return null;
        }
        TaskPlan plan =
                Objects.requireNonNull(directory.planned(before.id()).created().tasks());
        Map<String, RunId> succeeded = new HashMap<>();
        if (from != null) {
            Set<String> again = closure(plan, from);
            before.tasks().stream()
                    .filter(task -> !again.contains(task.key()) && isDone(task.status()))
                    .forEach(task -> succeeded.put(task.key(), Objects.requireNonNull(task.id())));
        }
        return new TaskPlan(
                plan.onFailure(),
                plan.tasks().stream()
                        .map(task -> task.carriedFrom(succeeded.get(task.key())))
                        .toList());
    }

    private static boolean isDone(RunStatus status) {
        return status == RunStatus.SUCCEEDED || status == RunStatus.PARTIALLY_SUCCEEDED;
    }

    /** These tasks and all that wait for one of them. */
    private static Set<String> closure(TaskPlan plan, List<String> from) {
        Set<String> keys = plan.tasks().stream().map(PlannedTask::key).collect(Collectors.toSet());
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            if (!keys.contains(from.get(i))) {
                errors.add(new FieldError("/from/" + i, "the run has no task " + from.get(i)));
            }
        }
        refuse(errors);
        Set<String> closure = new LinkedHashSet<>(from);
        boolean grows = true;
        while (grows) {
            grows = plan.tasks().stream()
                    .filter(task -> task.needs().stream().anyMatch(closure::contains))
                    .map(PlannedTask::key)
                    .map(closure::add)
                    .reduce(false, Boolean::logicalOr);
        }
        return closure;
    }

    private static void place(
            TaskBody task, String pointer, @Nullable String after, List<Placed> placed, List<FieldError> errors) {
        Target target = target(task, pointer, errors);
        String key = task.key() == null ? target.name() : task.key();
        if (!key.matches(TaskBody.KEY) || key.length() > Bodies.MAX_NAME) {
            errors.add(new FieldError(pointer + "/key", "is required: the target's name cannot be a key"));
        }
        Set<String> needs = new LinkedHashSet<>();
        if (after != null) {
            needs.add(after);
        }
        needs.addAll(Objects.requireNonNullElse(task.dependsOn(), List.of()));
        placed.add(new Placed(planned(task, key, target, List.copyOf(needs)), pointer));
        List<TaskBody> next = Objects.requireNonNullElse(task.next(), List.of());
        for (int i = 0; i < next.size(); i++) {
            place(next.get(i), pointer + "/next/" + i, key, placed, errors);
        }
    }

    private static Target target(TaskBody task, String pointer, List<FieldError> errors) {
        Target target = task.target();
        if (target != null && task.kind() != null) {
            errors.add(new FieldError(pointer + "/kind", "give either target or kind"));
        }
        if (target != null) {
            return target;
        }
        if (task.kind() == null) {
            errors.add(new FieldError(pointer + "/target", "is required, or kind: what the task executes"));
        }
        return new Target("task", Objects.requireNonNullElse(task.kind(), "none"));
    }

    private static PlannedTask planned(TaskBody task, String key, Target target, List<String> needs) {
        return new PlannedTask(
                key,
                target,
                task.name(),
                task.input(),
                task.config(),
                task.labels(),
                task.metadata(),
                needs.isEmpty() ? null : needs,
                task.condition(),
                Boolean.TRUE.equals(task.optional()) ? true : null,
                task.queue(),
                task.priority(),
                task.maxAttempts(),
                task.backoff() == null ? null : task.backoff().backoff(),
                task.timeout(),
                task.ttl(),
                task.concurrency() == null ? null : task.concurrency().concurrency(),
                null);
    }
}
