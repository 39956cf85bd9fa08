package io.runledger.command.definition;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.PathType;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.resource.SchemaLoader;
import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.command.json.JsonBodies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A JSON Schema (2020-12), ready to judge values. It reads nothing from elsewhere, and every judgement comes to an end. */
final class InputSchema {

    private static final int MOST_DETAIL = 500;

    /** The schema of schemas. */
    private static final Schema OF_SCHEMAS = SchemaRegistry.withDialect(
                    Dialects.getDraft202012(), registry -> registry.schemaRegistryConfig(config().build()))
            .getSchema(SchemaLocation.of(Dialects.getDraft202012().getId()));

    private final Schema schema;
    private final DefinitionLimits limits;

    private InputSchema(Schema schema, DefinitionLimits limits) {
        this.schema = schema;
        this.limits = limits;
    }

    /**
     * Makes a schema ready for use, which stands at {@code pointer} in what a caller sent.
     *
     * @throws Problem with what is wrong with it
     */
    static InputSchema compile(Json text, String pointer, DefinitionLimits limits) {
        if (text.text().getBytes(StandardCharsets.UTF_8).length > limits.schemaBytes()) {
            throw Problem.badRequest(pointer, "is larger than " + limits.schemaBytes() + " bytes");
        }
        JsonNode tree = SchemaJson.read(text, pointer);
        List<FieldError> errors = new InputSchema(OF_SCHEMAS, limits).errors(tree, pointer);
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
        Set<FieldError> unreadable = new LinkedHashSet<>();
        Schema schema;
        try {
            // A registry of its own: what one schema calls itself must mean nothing to another one.
            schema = SchemaRegistry.withDialect(
                            Dialects.getDraft202012(),
                            registry -> registry.schemaLoader(SchemaLoader.builder()
                                            .allow(_ -> false)
                                            .build())
                                    .schemaRegistryConfig(config().regularExpressionFactory(
                                                    regex -> pattern(regex, pointer, limits, unreadable))
                                            .build()))
                    .getSchema(tree);
            schema.initializeValidators();
        } catch (SchemaException e) {
            throw Problem.badRequest(pointer, printable(String.valueOf(e.getMessage())));
        }
        if (!unreadable.isEmpty()) {
            throw Problem.badRequest(List.copyOf(unreadable));
        }
        return new InputSchema(schema, limits);
    }

    private static SchemaRegistryConfig.Builder config() {
        return SchemaRegistryConfig.builder().pathType(PathType.JSON_POINTER).locale(Locale.ENGLISH);
    }

    private static RegularExpression pattern(
            String regex, String pointer, DefinitionLimits limits, Set<FieldError> unreadable) {
        try {
            return LinearPattern.compile(regex, limits.patternSize());
        } catch (IllegalArgumentException e) {
            // Gone through to the end, so that all of them are told at once.
            unreadable.add(new FieldError(pointer, printable("the pattern \"" + regex + "\": " + e.getMessage())));
            return _ -> false;
        }
    }

    /** Whether the value keeps to the schema. */
    boolean accepts(Json value) {
        return errors(value, "").isEmpty();
    }

    /**
     * What is wrong with this value, which stands at {@code pointer} in what a caller sent; at most
     * {@link JsonBodies#MAX_ERRORS} things.
     */
    List<FieldError> errors(Json value, String pointer) {
        try {
            return errors(SchemaJson.read(value, pointer), pointer);
        } catch (Problem unreadable) {
            return unreadable.errors();
        }
    }

    private List<FieldError> errors(JsonNode value, String pointer) {
        ExecutionContext context = new CountedErrors(ExecutionConfig.builder()
                .locale(Locale.ENGLISH)
                .maxEvaluationSteps(limits.steps())
                .maxEvaluationDepth(limits.depth())
                .build());
        try {
            ScopedValue.where(Effort.CURRENT, new Effort(limits.steps())).run(() -> schema.validate(context, value));
        } catch (ValidationLimitExceededException e) {
            return List.of(new FieldError(
                    pointer,
                    "cannot be judged by the schema within " + limits.steps() + " steps and " + limits.depth()
                            + " levels"));
        } catch (SchemaException e) {
            return List.of(new FieldError(pointer, printable("cannot be judged by the schema: " + e.getMessage())));
        }
        Set<FieldError> errors = new LinkedHashSet<>();
        for (Error error : context.getErrors()) {
            errors.add(fieldError(error, pointer));
            if (errors.size() == JsonBodies.MAX_ERRORS) {
                break;
            }
        }
        return new ArrayList<>(errors);
    }

    /** What concerns a member is told of the member, also when it is missing. */
    private static FieldError fieldError(Error error, String pointer) {
        String member = error.getProperty() == null ? "" : "/" + FieldError.escape(error.getProperty());
        return new FieldError(
                printable(pointer + error.getInstanceLocation() + member),
                printable(String.valueOf(error.getMessage())));
    }

    /** No longer than people read, and without half of a surrogate pair, which could not be answered with. */
    static String printable(String text) {
        String shortened = text.length() > MOST_DETAIL ? text.substring(0, MOST_DETAIL) + "…" : text;
        return shortened.replaceAll("\\p{Cs}", "\uFFFD");
    }

    /** Each error takes memory, and one keyword may find as many as a value has elements. */
    private static final class CountedErrors extends ExecutionContext {

        CountedErrors(ExecutionConfig config) {
            super(config);
        }

        @Override
        public void addError(Error error) {
            Effort.CURRENT.get().spend(1);
            super.addError(error);
        }
    }
}
