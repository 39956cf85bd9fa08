package io.runledger.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls of the published description, with bodies that keep to it. */
final class PublishedApi {

    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final JsonNode document;

    PublishedApi(LedgerClient ledger) {
        document = ledger.get("/v3/api-docs").is(200).json();
    }

    /** One way to call, and what the document says of it. */
    record Call(String method, String path, JsonNode description) {

        boolean hasVariables() {
            return path.contains("{");
        }

        List<String> queryParameters() {
            return description
                    .at("/parameters")
                    .valueStream()
                    .filter(parameter -> parameter.at("/in").asString().equals("query"))
                    .map(parameter -> parameter.at("/name").asString())
                    .toList();
        }

        /** What the body is sent as; empty when there is none. */
        String contentType() {
            return description.at("/requestBody/content").propertyNames().stream()
                    .findFirst()
                    .orElse("");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        document.at("/paths")
                .propertyStream()
                .forEach(path -> METHODS.stream()
                        .filter(path.getValue()::has)
                        .forEach(method -> calls.add(new Call(
                                method.toUpperCase(Locale.ROOT),
                                path.getKey(),
                                path.getValue().get(method)))));
        return calls;
    }

    /** The least that the call takes as a body. */
    String body(Call call) {
        JsonNode schema = bodySchema(call);
        if (call.path().endsWith("/progress")) {
            // That one of them must be said is no rule of the schema.
            return "{\"percent\": 1}";
        }
        return schema.isMissingNode() || call.contentType().endsWith("ndjson")
                ? ""
                : sample("", schema).toString();
    }

    /** What a body must keep to; missing when there is none. */
    JsonNode bodySchema(Call call) {
        return call.description()
                .at("/requestBody/content/" + call.contentType().replace("/", "~1") + "/schema");
    }

    /** The schema itself, or the one that it refers to. */
    JsonNode resolved(JsonNode schema) {
        return schema.has("$ref")
                ? resolved(document.at(schema.at("/$ref").asString().substring(1)))
                : schema;
    }

    /** The least that keeps to a schema. */
    JsonNode sample(JsonNode schema) {
        return sample("", schema);
    }

    private JsonNode sample(String name, JsonNode schema) {
        if (schema.has("$ref")) {
            return sample(name, document.at(schema.at("/$ref").asString().substring(1)));
        }
        if (schema.has("example")) {
            return schema.get("example");
        }
        if (schema.has("enum")) {
            return schema.get("enum").get(0);
        }
        if (schema.at("/pattern").asString().matches("[a-z|]+")) {
            return MAPPER.getNodeFactory()
                    .stringNode(schema.at("/pattern").asString().split("\\|")[0]);
        }
        String type = schema.at("/type").isArray()
                ? schema.at("/type/0").asString()
                : schema.at("/type").asString();
        return switch (type) {
            case "array" -> {
                ArrayNode array = MAPPER.createArrayNode();
                array.add(sample(name, schema.get("items")));
                yield array;
            }
            case "integer", "number" ->
                MAPPER.getNodeFactory().numberNode(schema.at("/minimum").asInt(1));
            case "boolean" -> MAPPER.getNodeFactory().booleanNode(true);
            case "string" -> MAPPER.getNodeFactory().stringNode(name.equals("url") ? "https://example.org/a" : "x");
            default -> {
                ObjectNode object = MAPPER.createObjectNode();
                schema.at("/required")
                        .valueStream()
                        .map(JsonNode::asString)
                        .forEach(member -> object.set(
                                member, sample(member, schema.at("/properties").get(member))));
                yield object;
            }
        };
    }
}
