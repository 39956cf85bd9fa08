package io.runledger.command.definition;

import io.runledger.api.Definition;
import io.runledger.api.FailurePolicy;
import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunDefaults;
import io.runledger.command.json.JsonBodies;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A definition that runs can be held against. */
public final class CompiledDefinition {

    private final int version;
    private final Definition definition;
    private final @Nullable InputSchema schema;
    private final DefinitionLimits limits;

    CompiledDefinition(int version, Definition definition, DefinitionLimits limits) {
        this.version = version;
        this.definition = definition;
        this.schema = schema(definition, limits);
        this.limits = limits;
    }

    /**
     * The schema of a definition, ready for use; null when it has none.
     *
     * @throws Problem when it cannot be used, with pointers into the definition
     */
    static @Nullable InputSchema schema(Definition definition, DefinitionLimits limits) {
        Json text = definition.inputSchema();
        return text == null ? null : InputSchema.compile(text, "/input_schema", limits);
    }

    int version() {
        return version;
    }

    /** About what it takes in memory, in bytes of its schema and tasks. */
    int weight() {
        return 1_000 + length(definition.inputSchema()) + length(definition.tasks());
    }

    private static int length(@Nullable Json json) {
        return json == null ? 0 : json.text().length();
    }

    /** What holds for a run where it says nothing. */
    public RunDefaults defaults() {
        return definition.defaults();
    }

    /** What its runs are made of unless they say it themselves, as it was given; null when it is nothing. */
    public @Nullable Json tasks() {
        return definition.tasks();
    }

    /** What becomes of the other tasks when one has failed; null for what is usual. */
    public @Nullable FailurePolicy onFailure() {
        return definition.onFailure();
    }

    /**
     * Returns when a run may be created with this; {@code inputs} are those of a batch, and are gone through one by one.
     *
     * @throws Problem with everything that is wrong, up to as many things as a problem tells
     */
    public void check(@Nullable String stage, @Nullable Json input, @Nullable Collection<Json> inputs) {
        List<FieldError> errors = new ArrayList<>();
        if (stage != null
                && !definition.stages().isEmpty()
                && !definition.stages().contains(stage)) {
            errors.add(new FieldError("/stage", "must be one of " + String.join(", ", definition.stages())));
        }
        if (inputs != null) {
            checkAll(inputs, errors);
        } else {
            errors.addAll(errors(input));
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors.subList(0, Math.min(JsonBodies.MAX_ERRORS, errors.size())));
        }
    }

    /** What is wrong with the input of a run, or with its absence. */
    private List<FieldError> errors(@Nullable Json input) {
        if (schema == null) {
            return List.of();
        }
        if (input != null) {
            return schema.errors(input, "/input");
        }
        return schema.accepts(Json.NULL)
                ? List.of()
                : List.of(new FieldError("/input", "is required: the target's definition says what it must be"));
    }

    /** Stops as soon as there is enough to tell, or it has taken too long. */
    private void checkAll(Collection<Json> inputs, List<FieldError> errors) {
        if (schema == null) {
            return;
        }
        long begun = System.nanoTime();
        int index = 0;
        for (Json input : inputs) {
            if (System.nanoTime() - begun > limits.time().toNanos()) {
                errors.add(new FieldError(
                        "/inputs", "cannot all be judged by the schema within " + limits.time() + "; send fewer"));
                return;
            }
            errors.addAll(schema.errors(input, "/inputs/" + index++));
            if (errors.size() >= JsonBodies.MAX_ERRORS) {
                return;
            }
        }
    }
}
