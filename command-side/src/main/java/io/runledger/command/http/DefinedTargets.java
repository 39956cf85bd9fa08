package io.runledger.command.http;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.Problem;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.command.definition.CompiledDefinition;
import io.runledger.command.definition.Definitions;
import io.runledger.command.json.JsonBodies;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges what is asked for by the definition of its target, and keeps it out where one is required and lacks. */
final class DefinedTargets {

    private final Definitions definitions;

    DefinedTargets(Definitions definitions) {
        this.definitions = definitions;
    }

    /**
     * Returns when the project takes a new run of this target, made of these tasks.
     *
     * @throws Problem with the targets that lack a definition, up to as many as a problem tells
     */
    void require(String project, Target target, @Nullable TaskPlan tasks) {
        List<FieldError> errors = new ArrayList<>();
        // The run around a single task is nobody's own.
        if (!target.equals(SingleTask.OF_THE_RUN)) {
            require(project, target, "/target", errors);
        }
        if (tasks != null) {
            for (PlannedTask task : tasks.tasks()) {
                require(project, task.target(), "/tasks", errors);
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors.subList(0, Math.min(JsonBodies.MAX_ERRORS, errors.size())));
        }
    }

    /**
     * Returns when the target's definition, if there is one, allows this stage and input.
     *
     * @throws Problem with all that is wrong
     */
    void check(String project, Target target, @Nullable String stage, @Nullable Json input) {
        CompiledDefinition definition = definitions.of(project, target);
        if (definition != null) {
            definition.check(stage, input, null);
        }
    }

    private void require(String project, Target target, String pointer, List<FieldError> errors) {
        if (definitions.isMissing(project, target)) {
            errors.add(new FieldError(
                    pointer,
                    target + " has no definition, and the project requires one: PUT /v1/definitions/" + target.kind()
                            + "/" + target.name()));
        }
    }
}
