package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the ledger answered; header names in lower case. */
record Answer(int status, Map<String, List<String>> headers, String body) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /** What tells of the inside, and so must be in no answer. */
    private static final Pattern INSIDE = Pattern.compile(
            "(?i)exception|\\bjava\\.|\\borg\\.|\\bcom\\.|\\bio\\.runledger|jackson|StreamRead|spring|tomcat|hikari"
                    + "|axon|\\bselect .* from\\b|\\binsert into\\b|ledger\\.event|psql|<html|<!doctype|\\tat ");

    Answer {
        TreeMap<String, List<String>> sorted = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        sorted.putAll(headers);
        headers = sorted;
    }

    JsonNode json() {
        return MAPPER.readTree(body);
    }

    static JsonNode json(String text) {
        return MAPPER.readTree(text);
    }

    String header(String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.getFirst();
    }

    String text(String pointer) {
        return json().at(pointer).asString();
    }

    long number(String pointer) {
        return json().at(pointer).asLong();
    }

    Answer is(int expected) {
        assertThat(status).as(body).isEqualTo(expected);
        return this;
    }

    /** A complete problem document of this kind, which tells nothing of the inside. */
    Answer isProblem(int expected, String code) {
        assertThat(status).as(body).isEqualTo(expected);
        assertThat(header("content-type")).as(body).isEqualTo("application/problem+json");
        JsonNode problem = json();
        assertThat(problem.at("/type").asString()).isEqualTo("urn:runledger:problem:" + code);
        assertThat(problem.at("/title").asString()).isNotBlank();
        assertThat(problem.at("/status").asInt()).isEqualTo(expected);
        assertThat(problem.at("/detail").asString()).isNotBlank();
        assertThat(problem.at("/code").asString()).isEqualTo(code);
        assertThat(body).doesNotContainPattern(INSIDE);
        return this;
    }

    /** A refusal as bad input that points to exactly these places. */
    Answer pointsTo(String... pointers) {
        isProblem(400, "bad_request");
        assertThat(json().at("/errors"))
                .as(body)
                .extracting(error -> error.at("/pointer").asString())
                .containsExactlyInAnyOrder(pointers);
        assertThat(json().at("/errors"))
                .allSatisfy(error -> assertThat(error.at("/detail").asString()).isNotBlank());
        return this;
    }
}
