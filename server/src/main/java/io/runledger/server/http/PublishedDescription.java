package io.runledger.server.http;

import io.runledger.api.ProblemCode;
import io.runledger.server.access.Call;
import io.runledger.server.access.Role;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.http.HttpHeaders;

/** Adds to the description of the API what holds for every call and so stands at none: names, problems, headers. */
final class PublishedDescription implements OpenApiCustomizer {

    private static final String PROBLEM = "Problem";
    private static final String PROBLEM_JSON = "application/problem+json";
    private static final String STREAM = "/v1/commands";
    private static final String ANY_JSON = "any JSON";
    private static final String ONE_DEFINITION = "/v1/definitions/{kind}/{name}";

    private static final Set<ProblemCode> OF_EVERY_CALL = EnumSet.of(
            ProblemCode.BAD_REQUEST,
            ProblemCode.UNAUTHORIZED,
            ProblemCode.NOT_ACCEPTABLE,
            ProblemCode.TOO_MANY_REQUESTS,
            ProblemCode.INTERNAL_ERROR,
            ProblemCode.UNAVAILABLE);
    private static final Set<ProblemCode> OF_COMMANDS = EnumSet.of(
            ProblemCode.INVALID_TRANSITION,
            ProblemCode.LEASE_LOST,
            ProblemCode.KEY_TAKEN,
            ProblemCode.CONFLICT,
            ProblemCode.VERSION_MISMATCH,
            ProblemCode.TOO_LARGE,
            ProblemCode.UNSUPPORTED_MEDIA_TYPE);

    private static final Set<ProblemCode> OF_DEFINITIONS = EnumSet.of(
            ProblemCode.CONFLICT,
            ProblemCode.VERSION_MISMATCH,
            ProblemCode.TOO_LARGE,
            ProblemCode.UNSUPPORTED_MEDIA_TYPE);

    @Override
    public void customise(OpenAPI api) {
        api.getComponents().getSchemas().values().forEach(PublishedDescription::nameAsOnTheWire);
        api.getComponents().addSchemas(PROBLEM, problem());
        api.getComponents().addSchemas(FilterDescription.NAME, FilterDescription.schema());
        api.getPaths()
                .forEach((path, item) ->
                        item.readOperationsMap().forEach((method, operation) -> complete(path, method, operation)));
    }

    private static void complete(String path, PathItem.HttpMethod method, Operation operation) {
        EnumSet<ProblemCode> codes = EnumSet.copyOf(OF_EVERY_CALL);
        if (method == HttpMethod.POST) {
            codes.addAll(OF_COMMANDS);
        }
        if (method == HttpMethod.DELETE) {
            codes.add(ProblemCode.CONFLICT);
        }
        if (path.startsWith(ONE_DEFINITION) && method != HttpMethod.GET) {
            codes.addAll(OF_DEFINITIONS);
        }
        if (path.contains("{")) {
            codes.add(ProblemCode.NOT_FOUND);
        }
        tellRole(path, method, operation, codes);
        if (method == HttpMethod.POST && !path.equals(STREAM)) {
            tellIdempotency(operation, codes);
        }
        if (codes.contains(ProblemCode.VERSION_MISMATCH) && path.contains("{")) {
            operation.addParametersItem(new HeaderParameter()
                    .name(HttpHeaders.IF_MATCH)
                    .description("Carry the command out only if what it is for still has this ETag")
                    .schema(text("\"3\"")));
        }
        if (operation.getResponses().containsKey(Integer.toString(ProblemCode.NOT_IMPLEMENTED.status()))) {
            codes.add(ProblemCode.NOT_IMPLEMENTED);
        }
        operation.getResponses().values().forEach(PublishedDescription::tellLimits);
        Map<Integer, List<ProblemCode>> byStatus = new TreeMap<>();
        codes.forEach(code ->
                byStatus.computeIfAbsent(code.status(), _ -> new ArrayList<>()).add(code));
        byStatus.forEach(
                (status, ofStatus) -> operation.getResponses().addApiResponse(status.toString(), response(ofStatus)));
    }

    private static void tellLimits(ApiResponse answer) {
        answer.addHeaderObject(
                "RateLimit-Policy",
                new Header()
                        .description("The limit that leaves the least: its name, how many requests (q) in how many"
                                + " seconds (w)")
                        .schema(text("\"key-reading\";q=5000;w=1")));
        answer.addHeaderObject(
                "RateLimit",
                new Header()
                        .description("How many requests may follow at once (r), and in how many seconds there are"
                                + " more (t)")
                        .schema(text("\"key-reading\";r=4999;t=1")));
    }

    private static void tellIdempotency(Operation operation, EnumSet<ProblemCode> codes) {
        codes.add(ProblemCode.IDEMPOTENCY_KEY_REUSED);
        operation.addParametersItem(new HeaderParameter()
                .name("Idempotency-Key")
                .description(
                        "Your own name for this request, 1 to 255 visible ASCII characters, new for each: sent again"
                                + " with the same body within 24 hours, it has no second effect, and gets the first answer with"
                                + " Idempotency-Replayed: true")
                .schema(text("7d9f1c2e")));
        operation.getResponses().forEach((status, response) -> {
            if (status.startsWith("2")) {
                response.addHeaderObject(
                        "Idempotency-Replayed",
                        new Header()
                                .description("true: the answer to an earlier request with the same Idempotency-Key")
                                .schema(of("boolean")));
            }
        });
    }

    private static void tellRole(String path, HttpMethod method, Operation operation, EnumSet<ProblemCode> codes) {
        for (Role role : Role.values()) {
            for (Call call : role.calls()) {
                if (call.path().equals(path) && call.method().name().equals(method.name())) {
                    String needs =
                            "Needs the role " + role.wireName() + (call.ofLedger() ? ", in the project default." : ".");
                    String said = operation.getDescription();
                    operation.setDescription(said == null ? needs : said + " " + needs);
                    operation.addExtension("x-role", role.wireName());
                    if (role != Role.VIEWER) {
                        codes.add(ProblemCode.FORBIDDEN);
                    }
                }
            }
        }
    }

    private static ApiResponse response(List<ProblemCode> codes) {
        List<String> titles = codes.stream()
                .map(code -> code.title() + " (" + code.wireName() + ")")
                .toList();
        Content content =
                new Content().addMediaType(PROBLEM_JSON, new MediaType().schema(new JsonSchema().$ref(PROBLEM)));
        ApiResponse response =
                new ApiResponse().description(String.join("; ", titles)).content(content);
        if (codes.contains(ProblemCode.UNAVAILABLE) || codes.contains(ProblemCode.TOO_MANY_REQUESTS)) {
            response.addHeaderObject(
                    HttpHeaders.RETRY_AFTER, new Header().description("Seconds").schema(of("integer")));
        }
        return response;
    }

    private static Schema<?> problem() {
        Schema<?> error = of("object")
                .addProperty("pointer", of("string").description("JSON Pointer into the body, or a parameter's name"))
                .addProperty("detail", of("string"));
        JsonSchema code = of("string");
        code.description("Stable; tell problems apart by it");
        Arrays.stream(ProblemCode.values()).map(ProblemCode::wireName).forEach(code::addEnumItemObject);
        Schema<?> problem = of("object")
                .required(List.of("type", "title", "status", "detail", "code"))
                .description("A problem document (RFC 9457)");
        problem.addProperty("type", of("string").format("uri"))
                .addProperty("title", of("string"))
                .addProperty("status", of("integer"))
                .addProperty("detail", of("string").description("What is wrong and what to do next, for people"))
                .addProperty("instance", of("string"))
                .addProperty("code", code)
                .addProperty(
                        "errors", of("array").items(error).description("What is wrong with which input, all of it"))
                .addProperty("run_status", of("string").description("Of the run, when it refuses a command"))
                .addProperty("run_version", of("integer").description("Of the run, when it refuses a command"))
                .addProperty("allowed", of("array").items(of("string")).description("The commands that it would take"))
                .addProperty("run_id", of("string").description("The run that has the key"));
        return problem;
    }

    /**
     * The generator names members as Java does, takes what may be any JSON for an object, and does not know that what is
     * not required may be null.
     */
    @SuppressWarnings({"rawtypes", "unchecked"}) // as the model itself is
    private static void nameAsOnTheWire(Schema<?> schema) {
        if (schema.getProperties() == null) {
            return;
        }
        List<String> required = schema.getRequired() == null ? List.of() : schema.getRequired();
        Map<String, Schema> properties = new LinkedHashMap<>();
        schema.getProperties().values().forEach(PublishedDescription::freeItems);
        schema.getProperties().values().forEach(PublishedDescription::withoutTheGreatest);
        schema.getProperties()
                .forEach((name, property) ->
                        properties.put(wireName(name), required.contains(name) ? property : optional(property)));
        schema.setProperties(properties);
        if (!required.isEmpty()) {
            schema.setRequired(
                    required.stream().map(PublishedDescription::wireName).toList());
        }
    }

    /** Where only the least size is set, the greatest number of all would be told as a limit. */
    private static void withoutTheGreatest(Schema<?> property) {
        Integer greatest = Integer.MAX_VALUE;
        if (greatest.equals(property.getMaxItems())) {
            property.setMaxItems(null);
        }
        if (greatest.equals(property.getMaxLength())) {
            property.setMaxLength(null);
        }
    }

    /** Items that may be any JSON are not only objects. */
    private static void freeItems(Schema<?> array) {
        Schema<?> items = array.getItems();
        if (items != null && isAnyJson(items)) {
            array.setItems(new JsonSchema().description(items.getDescription()));
        }
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private static Schema optional(Schema property) {
        if (isAnyJson(property)) {
            return new JsonSchema().description(property.getDescription());
        }
        if (property.get$ref() != null) {
            return new JsonSchema().anyOf(List.of(property, of("null")));
        }
        property.addType("null");
        if (property.getEnum() != null) {
            List<Object> values = new ArrayList<>(property.getEnum());
            values.add(null);
            property.setEnum(values);
        }
        return property;
    }

    private static boolean isAnyJson(Schema<?> property) {
        return property.getDescription() != null && property.getDescription().startsWith(ANY_JSON);
    }

    private static String wireName(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Schema<?> text(String example) {
        Schema<?> text = of("string");
        text.setExample(example);
        return text;
    }

    private static JsonSchema of(String type) {
        JsonSchema schema = new JsonSchema();
        schema.types(Set.of(type));
        return schema;
    }
}
