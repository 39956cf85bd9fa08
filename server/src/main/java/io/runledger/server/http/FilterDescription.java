package io.runledger.server.http;

import io.runledger.query.run.RunFilterDocumentation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Describes the filters of the run list as one JSON object, by what is said of them as query parameters. */
final class FilterDescription {

    static final String NAME = "RunFilter";

    /** In a query the labels are described by one parameter that stands for a family of them. */
    private static final String LABELS = "labels";

    private FilterDescription() {}

    static Schema<?> schema() {
        JsonSchema filter = of("object");
        filter.description("Which runs: all members hold, of the values of one member any. Never empty");
        filter.minProperties(1);
        filter.additionalProperties(false);
        for (Parameter parameter : RunFilterDocumentation.class.getAnnotationsByType(Parameter.class)) {
            if (!parameter.name().equals(LABELS)) {
                filter.addProperty(parameter.name(), value(parameter));
            }
        }
        filter.patternProperties(Map.of(
                "^label\\..+",
                new JsonSchema().anyOf(texts()).description("Runs with this label; an array for alternatives")));
        return filter;
    }

    private static Schema<?> value(Parameter parameter) {
        String single = parameter.schema().type();
        boolean mayRepeat = !parameter.array().schema().type().isEmpty();
        Schema<?> value = mayRepeat ? new JsonSchema().anyOf(texts()) : of(single.isEmpty() ? "string" : single);
        return value.description(parameter.description().replace("; repeat it for", "; an array for"));
    }

    @SuppressWarnings("rawtypes") // as the model itself is
    private static List<Schema> texts() {
        JsonSchema several = of("array");
        several.items(of("string"));
        several.minItems(1);
        return List.of(of("string"), several);
    }

    private static JsonSchema of(String type) {
        JsonSchema schema = new JsonSchema();
        schema.types(Set.of(type));
        return schema;
    }
}
