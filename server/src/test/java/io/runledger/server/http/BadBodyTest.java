package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Bodies that are wrong are refused with a pointer to what is wrong, and write nothing. */
@RunningLedger
class BadBodyTest {

    private static final String NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    private final LedgerClient ledger;
    private final Events events;
    private long before;

    BadBodyTest(@LocalServerPort int port, DataSource database) {
        ledger = new LedgerClient(port);
        events = new Events(database);
    }

    @BeforeEach
    void count() {
        before = events.count();
    }

    @AfterEach
    void nothing_was_written() {
        assertThat(events.count()).isEqualTo(before);
    }

    private Answer create(String body) {
        return ledger.post("/v1/runs", body);
    }

    /** Every member of every body, as the published description has them: a new one is tested without being named here. */
    @TestFactory
    Stream<DynamicTest> every_member_of_every_body_refuses_other_types() {
        JsonNode api = ledger.get("/v3/api-docs").is(200).json();
        List<DynamicTest> tests = new ArrayList<>();
        api.at("/paths").propertyStream().forEach(path -> {
            String schema = path.getValue()
                    .at("/post/requestBody/content/application~1json/schema/$ref")
                    .asString("");
            if (!schema.isEmpty()) {
                String url = path.getKey().replace("{id}", NOBODY).replace("{name}", "any");
                members(api, schema, "")
                        .forEach((pointer, description) -> wrongValues(description)
                                .forEach(value ->
                                        tests.add(dynamicTest(url + " " + pointer + " " + abbreviated(value), () -> {
                                            Answer answer = ledger.post(url, around(pointer, value));
                                            answer.isProblem(400, "bad_request");
                                            assertThat(answer.json()
                                                            .at("/errors")
                                                            .valueStream()
                                                            .map(error -> error.at("/pointer")
                                                                    .asString()))
                                                    .as(answer.body())
                                                    .anyMatch(found -> found.startsWith(pointer));
                                        }))));
            }
        });
        assertThat(tests).hasSizeGreaterThan(200);
        return tests.stream();
    }

    private static Map<String, JsonNode> members(JsonNode api, String reference, String prefix) {
        Map<String, JsonNode> members = new java.util.TreeMap<>();
        api.at(reference.substring(1) + "/properties").propertyStream().forEach(property -> {
            String pointer = prefix + "/" + property.getKey();
            JsonNode schema = property.getValue();
            String inner =
                    schema.at("/$ref").asString(schema.at("/anyOf/0/$ref").asString(""));
            members.put(pointer, schema);
            // A filter's members take what a query's parameters take, as RunFilterJsonTest says.
            if (!inner.isEmpty() && !inner.endsWith("/RunFilter")) {
                members.putAll(members(api, inner, pointer));
            }
        });
        return members;
    }

    private static List<String> wrongValues(JsonNode schema) {
        String types = schema.at("/type").toString();
        List<String> values = new ArrayList<>();
        if (schema.has("$ref") || schema.has("anyOf")) {
            values.addAll(List.of("1", "\"text\"", "[]", "true"));
        } else if (types.contains("string")) {
            values.addAll(List.of("1", "true", "{}", "[]", "[\"a\"]", "1.5", "\"\\u0000\"", "\"\\ud800\""));
            int most = schema.at("/maxLength").asInt(0);
            if (most > 0) {
                values.add("\"" + "😀".repeat(most + 1) + "\"");
            }
            if (schema.at("/minLength").asInt(0) > 0) {
                values.add("\"\"");
            }
            if (schema.at("/format").asString("").equals("date-time")) {
                values.addAll(List.of(
                        "\"\"",
                        "\"yesterday\"",
                        "\"2026-02-30T00:00:00Z\"",
                        "\"+10000-01-01T00:00:00Z\"",
                        "\"1700000000\""));
            }
            if (schema.has("pattern")) {
                values.addAll(List.of("\" \"", "\"<script>\"", "\"a b\"", "\"\\n\""));
            }
        } else if (types.contains("integer") || types.contains("number")) {
            values.addAll(List.of("\"1\"", "true", "{}", "[]", "1e400", "9".repeat(400)));
            if (types.contains("integer")) {
                values.addAll(List.of("1.5", "1e2", "99999999999999999999"));
            }
            if (schema.has("minimum")) {
                values.add(String.valueOf(schema.at("/minimum").asLong() - 1));
            }
            if (schema.has("maximum")) {
                values.add(String.valueOf(schema.at("/maximum").asLong() + 1));
            }
        } else if (types.contains("boolean")) {
            values.addAll(List.of("\"true\"", "1", "{}", "[]"));
        } else if (types.contains("array")) {
            values.addAll(List.of("1", "\"a\"", "{}", "[null]"));
            JsonNode items = schema.at("/items");
            boolean isAnyJson = !items.has("type") && !items.has("$ref") && !items.has("anyOf");
            if (!isAnyJson) {
                values.addAll(List.of("[1]", "[[]]", "[{\"unknown\": 1}]"));
            }
        } else if (types.contains("object")) {
            values.addAll(List.of("1", "\"a\"", "[]", "{\"a\": 1}", "{\"a\": null}", "{\"\": \"x\"}"));
        }
        return values;
    }

    private static String around(String pointer, String value) {
        String[] names = pointer.substring(1).split("/");
        StringBuilder body = new StringBuilder();
        for (String name : names) {
            body.append("{\"").append(name).append("\": ");
        }
        return body.append(value).append("}".repeat(names.length)).toString();
    }

    private static String abbreviated(String value) {
        return value.length() > 40 ? value.substring(0, 40) + "… (" + value.length() + ")" : value;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "{]",
                "[",
                "null",
                "[]",
                "1",
                "true",
                "\"text\"",
                "{\"target\"}",
                "{\"target\": }",
                "{\"target\": \"task:t\",}",
                "{'target': 'task:t'}",
                "{target: \"task:t\"}",
                "{\"target\": \"task:t\"} x",
                "{\"target\": \"task:t\"}{}",
                "<xml/>",
                "{\"target\": \"task:t\", \"priority\": NaN}",
                "{\"target\": \"task:t\", \"input\": NaN}",
                "{\"target\": \"task:t\", \"input\": Infinity}",
                "{\"target\": \"task:t\", \"input\": -Infinity}",
                "{\"target\": \"task:t\", \"input\": 01}",
                "{\"target\": \"task:t\", \"input\": +1}",
                "{\"target\": \"task:t\", \"input\": .5}",
                "{\"target\": \"task:t\", \"input\": 0x10}",
                "{\"target\": \"task:t\", \"input\": \"\\x\"}",
                "{\"target\": \"task:t\", \"input\": \"\\u12\"}",
                "{\"target\": \"task:t\", \"input\": \"a\nb\"}",
                "{\"target\": \"task:t\" /* why */}",
                "\uFEFF{\"target\": \"task:t\"}",
                "{\"target\": \"task:t\", \"input\": \"unended}",
                "target=task:t",
                "{\"target\": \"task:t\", \"input\": \"\u0000\"}",
                "\u0000{\"target\": \"task:t\"}"
            })
    void what_is_no_json_object_is_refused(String body) {
        create(body).isProblem(400, "bad_request");
    }

    @Test
    void unknown_members_are_refused_with_their_names() {
        create("{\"target\": \"task:t\", \"colour\": \"red\", \"a/b~c\": 1, \"ünï\": {}, \"Target\": 1}")
                .pointsTo("/colour", "/a~1b~0c", "/ünï", "/Target");
        ledger.post("/v1/runs/" + NOBODY + "/fail", "{\"error\": {\"code\": \"c\", \"message\": \"m\", \"stack\": 1}}")
                .pointsTo("/error/stack");
        ledger.post(
                        "/v1/runs/" + NOBODY + "/complete",
                        "{\"artifacts\": [{\"name\": \"a\"}, {\"name\": \"b\", \"x\": 1}]}")
                .pointsTo("/artifacts/1/x");
    }

    @Test
    void everything_that_is_wrong_is_told_at_once() {
        create(
                        "{\"target\": \"nothing\", \"key\": \"\", \"priority\": 101, \"labels\": {\"a\": 1, \"b\": \"ok\"}, \"queue\": \"a b\", \"x\": 1}")
                .pointsTo("/target", "/key", "/priority", "/labels/a", "/queue", "/x");
    }

    @Test
    void members_that_are_given_twice_are_refused() {
        create("{\"target\": \"task:a\", \"target\": \"task:b\"}").pointsTo("/target");
        create("{\"target\": \"task:a\", \"labels\": {\"a\": \"1\", \"a\": \"2\"}}")
                .pointsTo("/labels/a");
        create("{\"target\": \"task:a\", \"\\u006bey\": \"a\", \"key\": \"b\"}").pointsTo("/key");
    }

    @Test
    void what_is_required_must_be_there() {
        create("{}").pointsTo("/target");
        create("{\"target\": null}").pointsTo("/target");
        ledger.post("/v1/runs/" + NOBODY + "/fail", "{}").pointsTo("/error");
        ledger.post("/v1/runs/" + NOBODY + "/fail", "{\"error\": {}}").pointsTo("/error/code", "/error/message");
        ledger.post("/v1/runs/" + NOBODY + "/events", "{}").pointsTo("/type");
        ledger.post("/v1/runs/" + NOBODY + "/artifacts", "{}").pointsTo("/name");
        ledger.post("/v1/runs/" + NOBODY + "/progress", "{}").isProblem(400, "bad_request");
    }

    @Test
    void lengths_count_characters() {
        create("{\"target\": \"task:t\", \"name\": \"" + "x".repeat(101) + "\"}")
                .pointsTo("/name");
        create("{\"target\": \"task:t\", \"name\": \"" + "😀".repeat(101) + "\"}")
                .pointsTo("/name");
        create("{\"target\": \"task:t\", \"key\": \"" + "ä".repeat(256) + "\"}").pointsTo("/key");
        create("{\"target\": \"task:" + "x".repeat(201) + "\"}").pointsTo("/target");
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < 33; i++) {
            labels.append(i == 0 ? "" : ",").append("\"l").append(i).append("\": \"v\"");
        }
        create("{\"target\": \"task:t\", \"labels\": {" + labels + "}}").pointsTo("/labels");
        assertThat(create("{\"target\": \"task:t\", \"name\": \"" + "😀".repeat(100) + "\"}")
                        .is(201)
                        .text("/name"))
                .isEqualTo("😀".repeat(100));
        before += 2;
    }

    @Test
    void json_may_be_nested_100_deep() {
        for (int depth : new int[] {100, 101, 100_000}) {
            String body = "{\"target\": \"task:t\", \"input\": " + "[".repeat(depth) + "]".repeat(depth) + "}";
            create(body).isProblem(400, "bad_request");
            create(body.replace("[", "{\"a\":").replace(":]", ":1]").replace("]", "}"))
                    .isProblem(400, "bad_request");
            create("{\"target\": \"task:t\", \"input\": " + "[".repeat(depth)).isProblem(400, "bad_request");
        }
        // The body itself is the first level.
        String deepest = "[".repeat(99) + "]".repeat(99);
        Answer created =
                create("{\"target\": \"task:t\", \"input\": " + deepest + "}").is(201);
        assertThat(created.body()).contains("\"input\":" + deepest);
        assertThat(ledger.get("/v1/runs/" + created.text("/id") + "/events")
                        .is(200)
                        .body())
                .contains(deepest);
        before += 2;
    }

    @Test
    void a_body_may_have_1_mib_and_no_more() {
        int limit = 1 << 20;
        String start = "{\"target\": \"task:t\", \"input\": \"";
        create(start + "x".repeat(limit - start.length() - 1) + "\"}").isProblem(413, "too_large");
        byte[] chunked = (start + "x".repeat(limit) + "\"}").getBytes(StandardCharsets.UTF_8);
        ledger.post("/v1/runs", BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(chunked)))
                .isProblem(413, "too_large");
        Answer largest =
                create(start + "x".repeat(limit - start.length() - 2) + "\"}").is(201);
        assertThat(ledger.run(largest.text("/id")).at("/input").asString()).hasSize(limit - start.length() - 2);
        before += 2;
    }

    @Test
    void a_body_must_be_utf_8() {
        byte[][] bodies = {
            "{\"target\": \"task:t\", \"name\": \"ä\"}".getBytes(StandardCharsets.ISO_8859_1),
            {'{', '"', 'a', (byte) 0xC0, (byte) 0xAF, '"', ':', '1', '}'},
            {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'},
            {'{', '"', (byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80, '"', ':', '1', '}'},
            "{\"target\": \"task:t\"}".getBytes(StandardCharsets.UTF_16),
            "{\"target\": \"task:t\"}".getBytes(StandardCharsets.UTF_16LE),
            {(byte) 0xFF, (byte) 0xFE},
            {0x1F, (byte) 0x8B, 8, 0},
            {0}
        };
        for (byte[] body : bodies) {
            ledger.post("/v1/runs", BodyPublishers.ofByteArray(body)).isProblem(400, "bad_request");
        }
    }

    @Test
    void another_content_type_charset_or_coding_is_refused() {
        String body = "{\"target\": \"task:t\"}";
        for (String type : new String[] {
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "*/*",
            "application/json; charset=latin1",
            "application/json; charset=utf-16",
            "application/json; charset=nonsense",
            "json",
            "application/vnd.api+json",
            "application/yaml",
            "application/cbor"
        }) {
            Answer answer = ledger.send(
                    ledger.request("/v1/runs").header("content-type", type).POST(BodyPublishers.ofString(body)));
            assertThat(answer.status()).as(type).isIn(400, 415);
            answer.isProblem(answer.status(), answer.status() == 415 ? "unsupported_media_type" : "bad_request");
        }
        ledger.send(ledger.request("/v1/runs").POST(BodyPublishers.ofString(body)))
                .isProblem(415, "unsupported_media_type");
        for (String coding : new String[] {"gzip", "br", "deflate", "gzip, identity", "nonsense"}) {
            ledger.post("/v1/runs", body, "Content-Encoding", coding).isProblem(415, "unsupported_media_type");
        }
        ledger.post("/v1/runs", body, "Accept", "text/html").isProblem(406, "not_acceptable");
        ledger.post("/v1/runs", body, "Accept", "nonsense").isProblem(406, "not_acceptable");
    }

    @Test
    void huge_numbers_names_and_many_tokens_end_well() {
        String digits = "9".repeat(10_000);
        create("{\"target\": \"task:t\", \"input\": " + digits + "}").isProblem(400, "bad_request");
        create("{\"target\": \"task:t\", \"priority\": " + digits + "}").isProblem(400, "bad_request");
        create("{\"target\": \"task:t\", \"priority\": -" + digits + "}").isProblem(400, "bad_request");
        ledger.post("/v1/runs/" + NOBODY + "/progress", "{\"percent\": " + digits + "}")
                .isProblem(400, "bad_request");
        ledger.post("/v1/runs/" + NOBODY + "/progress", "{\"percent\": 1e" + digits + "}")
                .isProblem(400, "bad_request");
        ledger.post("/v1/runs/" + NOBODY + "/progress", "{\"percent\": 0." + digits + "}")
                .isProblem(400, "bad_request");
        create("{\"target\": \"task:t\", \"" + "k".repeat(1_000_000) + "\": 1}").isProblem(400, "bad_request");
        create("{\"target\": \"task:t\", \"labels\": {\"" + "k".repeat(1_000_000) + "\": \"\"}}")
                .isProblem(400, "bad_request");
        StringBuilder many = new StringBuilder("{\"target\": \"task:t\"");
        for (int i = 0; i < 50_000; i++) {
            many.append(",\"").append(i).append("\":1");
        }
        Answer refused = create(many + "}").isProblem(400, "bad_request");
        assertThat(refused.body().length()).isLessThan(1 << 20);
    }

    @Test
    void what_callers_give_comes_back_as_it_was() {
        String[] values = {
            "123456789012345678901234567890.123456789012345678901234567890",
            "1E+2",
            "-0.0",
            "{\"b\":1,\"a\":2,\"b\":3}",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "{\"\\u0000\":\"\\udfff\"}",
            "\"😀\"",
            "\"<script>alert(1)</script>'; drop table x; --\"",
            "[]",
            "{}",
            "false",
            "0",
            "\"\""
        };
        for (String value : values) {
            Answer created =
                    create("{\"target\": \"task:t\", \"input\": " + value + "}").is(201);
            assertThat(created.body()).contains("\"input\":" + value);
            Answer read = ledger.get("/v1/runs/" + created.text("/id")).is(200);
            assertThat(read.body()).contains("\"input\":" + value);
            Answer list = ledger.get(
                    "/v1/runs?id=" + created.text("/id"), "Ledger-Position", created.header("ledger-position"));
            assertThat(list.is(200).body()).contains("\"input\":" + value);
            assertThat(ledger.get("/v1/runs/" + created.text("/id") + "/events")
                            .is(200)
                            .body())
                    .contains("\"input\":" + value);
            assertThat(ledger.get("/v1/runs/" + created.text("/id") + "/verify")
                            .is(200)
                            .json()
                            .at("/valid")
                            .asBoolean())
                    .isTrue();
            before += 2;
        }
    }
}
