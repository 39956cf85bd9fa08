package io.runledger.command.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RawJsonTest {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final JsonMapper MAPPER =
            JsonMapper.builder().addModule(RawJson.module()).build();

    record Holder(Json value) {}

    @Test
    void random_documents_come_out_compact_and_otherwise_as_they_were() {
        for (long seed = 0; seed < 20_000; seed++) {
            RandomJson json = new RandomJson(seed);
            assertThat(copy(json.loose())).as("seed %d: %s", seed, json.loose()).isEqualTo(json.compact());
            assertThat(copy(json.compact())).as("seed %d", seed).isEqualTo(json.compact());
        }
    }

    @Test
    void a_copy_in_a_record_is_written_again_as_it_was_read() {
        for (long seed = 0; seed < 2_000; seed++) {
            String text = "{\"value\":" + new RandomJson(seed).compact() + "}";
            assertThat(MAPPER.writeValueAsString(MAPPER.readValue(text, Holder.class)))
                    .as("seed %d", seed)
                    .isEqualTo(text);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"b\":1,\"a\":2,\"b\":3}",
                "[1.10,1e400,-0.0,0.1e-7,18446744073709551616]",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"🏠\"",
                "\"\\u0000\\u001f\"",
                "{\"\":{\"\":[]}}",
                "{\"\\ud800\\u0000\":1}"
            })
    void what_is_already_compact_is_kept_to_the_letter(String json) {
        assertThat(copy(json)).isEqualTo(json);
    }

    @Test
    void an_escaped_pair_becomes_the_character_and_short_escapes_the_shortest() {
        assertThat(copy("\"\\ud83c\\udfe0\"")).isEqualTo("\"🏠\"");
        assertThat(copy("\"\\u000a\\/\\b\\u0008\"")).isEqualTo("\"\\n/\\u0008\\u0008\"");
    }

    @Test
    void the_parser_stands_at_the_last_token_so_that_the_next_value_can_be_read() {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), "[{\"a\":[1]},2]")) {
            parser.nextToken();
            parser.nextToken();
            assertThat(RawJson.copy(parser)).isEqualTo(new Json("{\"a\":[1]}"));
            parser.nextToken();
            assertThat(RawJson.copy(parser)).isEqualTo(new Json("2"));
        }
    }

    @Test
    void nesting_is_copied_up_to_the_limit_of_the_parser_and_refused_beyond() {
        assertThat(copy("[".repeat(500) + "]".repeat(500))).hasSize(1_000);
        assertThatThrownBy(() -> copy("[".repeat(501) + "]".repeat(501)))
                .isInstanceOf(StreamConstraintsException.class);
        assertThatThrownBy(() -> copy("[".repeat(100_000))).isInstanceOf(StreamConstraintsException.class);
    }

    @Test
    void a_null_that_was_written_differs_from_nothing() {
        assertThat(MAPPER.readValue("{\"value\":null}", Holder.class)).isEqualTo(new Holder(Json.NULL));
        assertThat(MAPPER.readValue("{}", Holder.class)).isEqualTo(new Holder(null));
    }

    @Test
    void the_value_means_the_same_to_another_reader() {
        JsonMapper plain = new JsonMapper();
        for (long seed = 0; seed < 500; seed++) {
            RandomJson json = new RandomJson(seed);
            JsonNode before = plain.readTree(json.loose());
            assertThat(plain.readTree(copy(json.loose()))).as("seed %d", seed).isEqualTo(before);
        }
    }

    private static String copy(String text) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            String copy = RawJson.copy(parser).text();
            assertThat(parser.nextToken()).isNull();
            return copy;
        }
    }
}
