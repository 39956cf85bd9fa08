package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** The published description says what the code does. */
@RunningLedger
class OpenApiTest {

    private static final List<String> METHODS = List.of("get", "post", "put", "patch", "delete");

    private final LedgerClient ledger;
    private final RequestMappingHandlerMapping endpoints;
    private final JsonNode api;

    OpenApiTest(@LocalServerPort int port, RequestMappingHandlerMapping requestMappingHandlerMapping) {
        ledger = new LedgerClient(port);
        endpoints = requestMappingHandlerMapping;
        api = ledger.get("/v3/api-docs").is(200).json();
    }

    /** One way to call: method and path, and what the document says of it. */
    private record Call(String name, JsonNode description) {}

    private List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        api.at("/paths")
                .propertyStream()
                .forEach(path -> METHODS.forEach(method -> {
                    if (path.getValue().has(method)) {
                        calls.add(new Call(
                                method + " " + path.getKey(), path.getValue().at("/" + method)));
                    }
                }));
        return calls;
    }

    @Test
    void it_is_version_3_1() {
        assertThat(api.at("/openapi").asString()).startsWith("3.1");
    }

    @Test
    void it_has_every_endpoint_that_there_is_and_no_other() {
        // A path may be mapped once for each representation that it has.
        Set<String> mapped = new TreeSet<>();
        endpoints
                .getHandlerMethods()
                .forEach((mapping, _) -> mapping.getPatternValues().stream()
                        .filter(path -> path.startsWith("/v1/"))
                        .forEach(path -> mapping.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> mapped.add(method.name().toLowerCase(Locale.ROOT) + " "
                                        + path.replaceAll("\\{\\w+}", "{}")))));
        assertThat(mapped).hasSizeGreaterThan(15);
        assertThat(calls())
                .extracting(call -> call.name().replaceAll("\\{\\w+}", "{}"))
                .containsExactlyInAnyOrderElementsOf(mapped);
    }

    @Test
    void no_path_is_written_in_two_ways() {
        assertThat(api.at("/paths").propertyNames().stream().map(path -> path.replaceAll("\\{\\w+}", "{}")))
                .doesNotHaveDuplicates();
    }

    @Test
    void every_call_has_a_summary_and_a_name_of_its_own() {
        assertThat(calls()).allSatisfy(call -> {
            assertThat(call.description().at("/summary").asString())
                    .as(call.name())
                    .isNotBlank();
            assertThat(call.description().at("/operationId").asString())
                    .as(call.name())
                    .matches("[a-z][A-Za-z]+");
        });
        assertThat(calls())
                .extracting(call -> call.description().at("/operationId").asString())
                .doesNotHaveDuplicates();
    }

    @Test
    void every_call_tells_of_its_problems() {
        assertThat(calls()).allSatisfy(call -> {
            JsonNode responses = call.description().at("/responses");
            assertThat(responses.propertyNames()).as(call.name()).contains("400", "401", "503");
            // Whatever its name, an action can be asked for.
            if (call.name().contains("{") && !call.name().contains("/v1/actions/")) {
                assertThat(responses.propertyNames()).as(call.name()).contains("404");
            }
            if (call.name().startsWith("post")) {
                assertThat(responses.propertyNames()).as(call.name()).contains("409", "412", "413", "415");
            }
            responses
                    .propertyStream()
                    .filter(response -> response.getKey().compareTo("400") >= 0)
                    .forEach(response -> assertThat(response.getValue()
                                    .at("/content/application~1problem+json/schema/$ref")
                                    .asString())
                            .as(call.name() + " " + response.getKey())
                            .isEqualTo("#/components/schemas/Problem"));
        });
        assertThat(api.at("/components/schemas/Problem/properties").propertyNames())
                .contains("type", "title", "status", "detail", "instance", "code", "errors", "run_status", "allowed");
    }

    @Test
    void every_reference_leads_somewhere() {
        List<String> references = new ArrayList<>();
        collect(api, references);
        assertThat(references)
                .isNotEmpty()
                .allSatisfy(
                        reference -> assertThat(api.at(reference.substring(1)).isMissingNode())
                                .as(reference)
                                .isFalse());
    }

    private static void collect(JsonNode node, List<String> references) {
        if (node.has("$ref")) {
            references.add(node.at("/$ref").asString());
        }
        node.forEach(child -> collect(child, references));
    }

    @Test
    void both_ways_to_send_the_key_are_described() {
        JsonNode schemes = api.at("/components/securitySchemes");
        assertThat(schemes.valueStream().map(scheme -> scheme.at("/type").asString()))
                .containsExactlyInAnyOrder("apiKey", "http");
        assertThat(schemes.valueStream()
                        .filter(scheme -> scheme.has("name"))
                        .map(scheme -> scheme.at("/name").asString()))
                .containsExactly("x-api-key");
        assertThat(api.at("/security")).hasSize(2);
    }

    @Test
    void the_list_describes_every_parameter_that_it_takes() {
        JsonNode parameters = api.at("/paths/~1v1~1runs/get/parameters");
        assertThat(parameters
                        .valueStream()
                        .map(parameter -> parameter.at("/name").asString()))
                .contains(
                        "status",
                        "target",
                        "id",
                        "kind",
                        "mode",
                        "stage",
                        "queue",
                        "worker",
                        "created_by",
                        "key",
                        "error_code",
                        "name",
                        "labels",
                        "created_after",
                        "created_before",
                        "started_after",
                        "started_before",
                        "finished_after",
                        "finished_before",
                        "updated_after",
                        "updated_before",
                        "sort",
                        "order",
                        "limit",
                        "after",
                        "before",
                        "offset",
                        "count",
                        "Ledger-Position");
    }

    @Test
    void feeds_and_exports_describe_the_filters_of_the_list() {
        List<String> filters = names("/v1/runs");
        filters.removeAll(
                List.of("as_of", "sort", "order", "limit", "after", "before", "offset", "count", "Ledger-Position"));
        assertThat(filters).hasSizeGreaterThan(25);
        assertThat(names("/v1/events"))
                .containsAll(filters)
                .contains("run_id", "type", "after", "limit", "Last-Event-ID")
                .doesNotContain("as_of", "sort")
                .doesNotHaveDuplicates();
        assertThat(names("/v1/runs/stats")).containsAll(filters).contains("as_of", "group_by");
        assertThat(names("/v1/export"))
                .containsAll(filters)
                .contains("run_id", "type", "after", "what", "as_of")
                .doesNotHaveDuplicates();
    }

    @Test
    void bulk_operations_describe_the_filters_of_the_list_as_one_object() {
        List<String> filters = names("/v1/runs/stats");
        filters.removeAll(List.of("as_of", "group_by", "labels", "Ledger-Position"));
        assertThat(filters).hasSizeGreaterThan(25);
        for (String body : List.of("BulkCommand", "BulkRerun")) {
            assertThat(api.at("/components/schemas/" + body + "/properties/filter/$ref")
                            .asString())
                    .isEqualTo("#/components/schemas/RunFilter");
            assertThat(api.at("/components/schemas/" + body + "/required").toString())
                    .isEqualTo("[\"filter\"]");
        }
        JsonNode filter = api.at("/components/schemas/RunFilter");
        assertThat(filter.at("/properties").propertyNames()).containsExactlyInAnyOrderElementsOf(filters);
        assertThat(filter.at("/patternProperties").propertyNames()).containsExactly("^label\\..+");
        assertThat(filter.at("/additionalProperties").asBoolean()).isFalse();
        assertThat(filter.at("/properties/status/anyOf")).hasSize(2);
        assertThat(filter.at("/properties/min_duration_ms/type").asString()).isEqualTo("integer");
        for (String command : List.of("cancel", "stop", "resume", "rerun")) {
            JsonNode responses = api.at("/paths/~1v1~1runs~1bulk~1" + command + "/post/responses");
            assertThat(responses
                            .at("/202/content/application~1json/schema/$ref")
                            .asString())
                    .endsWith("/Operation");
            assertThat(responses
                            .at("/200/content/application~1json/schema/$ref")
                            .asString())
                    .endsWith("/BulkPreview");
        }
    }

    private List<String> names(String path) {
        return new ArrayList<>(api.at("/paths/" + path.replace("/", "~1") + "/get/parameters")
                .valueStream()
                .map(parameter -> parameter.at("/name").asString())
                .toList());
    }

    @Test
    void commands_describe_the_header_that_makes_them_conditional() {
        assertThat(calls())
                .filteredOn(call -> call.name().startsWith("post /v1/runs/{"))
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.description()
                                .at("/parameters")
                                .valueStream()
                                .map(p -> p.at("/name").asString()))
                        .as(call.name())
                        .contains("If-Match"));
    }

    @Test
    void every_post_but_the_stream_of_commands_takes_an_idempotency_key() {
        assertThat(calls()).allSatisfy(call -> {
            boolean takes = call.name().startsWith("post ") && !call.name().equals("post /v1/commands");
            assertThat(call.description()
                            .at("/parameters")
                            .valueStream()
                            .anyMatch(parameter ->
                                    parameter.at("/name").asString().equals("Idempotency-Key")))
                    .as(call.name())
                    .isEqualTo(takes);
            assertThat(call.description().at("/responses").has("422"))
                    .as(call.name())
                    .isEqualTo(takes);
        });
    }

    @Test
    void json_of_the_caller_may_be_anything() {
        for (String field : new String[] {"input", "config", "metadata"}) {
            JsonNode schema = api.at("/components/schemas/CreateRun/properties/" + field);
            assertThat(schema.isMissingNode()).as(field).isFalse();
            assertThat(schema.has("type")).as(field + ": " + schema).isFalse();
            assertThat(schema.has("$ref")).as(field + ": " + schema).isFalse();
        }
        assertThat(api.at("/components/schemas").propertyNames()).doesNotContain("Json", "RunId", "Target");
    }

    @Test
    void a_started_run_has_a_lease_token() {
        JsonNode content = api.at("/paths/~1v1~1runs~1{id}~1start/post/responses/200/content");
        String reference = content.iterator().next().at("/schema/$ref").asString();
        assertThat(api.at(reference.substring(1) + "/properties").propertyNames())
                .contains("lease_token", "id", "status");
    }

    @Test
    void what_can_be_null_is_described_so() {
        JsonNode properties = api.at("/components/schemas/RunView/properties");
        ledger.run(ledger.queued())
                .propertyStream()
                .filter(member -> member.getValue().isNull())
                .forEach(member -> {
                    JsonNode schema = properties.at("/" + member.getKey());
                    assertThat(schema.toString())
                            .as(member.getKey())
                            .matches(".*\"null\".*|\\{\"description\":\"any JSON.*");
                });
    }

    @Test
    void a_create_is_described_as_created_and_as_waited_for() {
        assertThat(api.at("/paths/~1v1~1runs/post/responses").propertyNames()).contains("200", "201", "202");
        assertThat(api.at("/paths/~1v1~1runs/post/parameters/0/required").asBoolean())
                .isFalse();
    }

    @Test
    void a_run_in_an_answer_has_exactly_the_members_that_are_described() {
        JsonNode run = ledger.run(ledger.queued());
        assertThat(api.at("/components/schemas/RunView/properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(run.propertyNames());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v3/api-docs", "/docs", "/swagger-ui/index.html"})
    void it_can_be_read_without_a_key(String path) {
        Answer answer =
                ledger.send(HttpRequest.newBuilder(ledger.request(path).build().uri()));
        assertThat(answer.status()).isIn(200, 302);
        assertThat(Map.of("page", answer.body())).doesNotContainValue("Exception");
    }
}
