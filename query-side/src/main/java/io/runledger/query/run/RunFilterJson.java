package io.runledger.query.run;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.query.http.QueryParameters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * Reads the filters of the run list out of a JSON object whose members are named like the parameters, each with one value
 * or an array of alternatives. It is for calls that change many runs, so nothing that might be a slip widens the filter.
 */
final class RunFilterJson {

    private static final String POINTER = "/filter";
    private static final ObjectReader READER =
            ViewJson.MAPPER.reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private RunFilterJson() {}

    /**
     * What the filter asks for of this project.
     *
     * @throws Problem when it is wrong, with all that is wrong, or asks for every run
     */
    static RunFilter read(String project, Json json) {
        QueryParameters parameters = parameters(json);
        RunFilter filter = RunFilters.read(project, parameters);
        try {
            parameters.check();
        } catch (Problem wrong) {
            throw Problem.badRequest(wrong.errors().stream()
                    .map(error -> new FieldError(POINTER + "/" + escape(error.pointer()), error.detail()))
                    .toList());
        }
        if (filter.isEverything()) {
            throw Problem.badRequest(
                    POINTER, "would mean every run; say which are meant, like {\"status\": \"queued\"}");
        }
        return filter;
    }

    private static QueryParameters parameters(Json json) {
        JsonNode filter = tree(json);
        if (!filter.isObject()) {
            throw Problem.badRequest(POINTER, "must be an object, like {\"status\": \"queued\"}");
        }
        MultiValueMap<String, String> given = new LinkedMultiValueMap<>();
        List<String> malformed = new ArrayList<>();
        filter.propertyStream().forEach(member -> {
            List<JsonNode> values = member.getValue().isArray()
                    ? member.getValue().valueStream().toList()
                    : List.of(member.getValue());
            // Left out, a null or an empty array would make the filter want more than was meant.
            if (values.isEmpty() || !values.stream().allMatch(RunFilterJson::isText)) {
                malformed.add(member.getKey());
            } else {
                given.put(
                        member.getKey(), values.stream().map(JsonNode::asString).toList());
            }
        });
        QueryParameters parameters = new QueryParameters(given);
        malformed.forEach(name -> parameters.error(name, "must be a text or a number, or an array of these"));
        return parameters;
    }

    /** Whether it can be what a parameter says; half of a surrogate pair cannot. */
    private static boolean isText(JsonNode value) {
        return (value.isString() || value.isNumber())
                && StandardCharsets.UTF_8.newEncoder().canEncode(value.asString());
    }

    private static JsonNode tree(Json json) {
        try {
            return READER.readTree(json.text());
        } catch (JacksonException e) {
            // It is known to be JSON.
            throw Problem.badRequest(POINTER, "has a member twice");
        }
    }

    /** A name as a part of a JSON Pointer (RFC 6901). */
    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
