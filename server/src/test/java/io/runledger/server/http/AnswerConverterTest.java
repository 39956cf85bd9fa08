package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.MediaType;
import org.springframework.mock.http.MockHttpOutputMessage;
import tools.jackson.databind.json.JsonMapper;

/** What an answer looks like on the wire. */
class AnswerConverterTest {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final MockHttpOutputMessage response = new MockHttpOutputMessage();

    private record Text(String text) {}

    @Test
    void a_short_answer_has_its_length() throws IOException {
        write(new Text("é"));
        assertThat(response.getBodyAsString()).isEqualTo("{\"text\":\"é\"}");
        assertThat(response.getHeaders().getContentLength()).isEqualTo(13);
        assertThat(response.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_JSON);
    }

    @ParameterizedTest
    @ValueSource(ints = {16_373, 16_374, 100_000})
    void every_answer_is_whole_and_only_a_short_one_is_kept_until_its_end(int length) throws IOException {
        Text answer = new Text("x".repeat(length));
        write(answer);
        assertThat(response.getBodyAsBytes()).isEqualTo(MAPPER.writeValueAsBytes(answer));
        assertThat(response.getHeaders().getContentLength()).isEqualTo(length <= 16_373 ? length + 11 : -1);
    }

    @Test
    void another_encoding_is_not_written_here() {
        AnswerConverter converter = new AnswerConverter(MAPPER);
        assertThat(converter.canWrite(Text.class, MediaType.valueOf("application/json;charset=UTF-8")))
                .isTrue();
        assertThat(converter.canWrite(Text.class, MediaType.valueOf("application/json;charset=UTF-16")))
                .isFalse();
    }

    private void write(Text answer) throws IOException {
        new AnswerConverter(MAPPER).write(answer, MediaType.APPLICATION_JSON, response);
    }
}
