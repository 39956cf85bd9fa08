package io.runledger.command.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** References in JSON are replaced by text, digit by digit; what has none stays as it is. */
class JsonTemplateTest {

    private static final Json VALUE = new Json(
            "{\"a\":[1.10,{\"b/c\":18446744073709551616,\"~\":null}],\"\":\"empty\",\"e\":1e400,\"a b\":\"é\"}");

    private static Json fill(String template) {
        return JsonTemplate.fill(
                new Json(template), (_, pointer) -> RawPointer.find(VALUE, RawPointer.parse(pointer)), 100_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"x\":{\"$ref\":\"/a/0\"},\"y\":1}   | {\"x\":1.10,\"y\":1}",
                "{\"$ref\":\"/a/1/b~1c\"}              | 18446744073709551616",
                "[{\"$ref\":\"/a/1/~0\"},{\"$ref\":\"/\"}] | [null,\"empty\"]",
                "{\"$ref\":\"/e\"}                     | 1e400",
                "{\"$ref\":\"\"}                       | {\"a\":[1.10,{\"b/c\":18446744073709551616,\"~\":null}],\"\":\"empty\",\"e\":1e400,\"a b\":\"é\"}",
                "{\"$literal\":{\"$ref\":[\"/a\"]}}    | {\"$ref\":[\"/a\"]}",
                "{\"q\":[],\"r\":{},\"ref\":\"$ref\"}  | {\"q\":[],\"r\":{},\"ref\":\"$ref\"}",
            })
    void a_reference_stands_for_what_it_points_to(String template, String filled) {
        assertThat(fill(template).text()).isEqualTo(filled);
    }

    @Test
    void what_holds_no_reference_is_left_as_it_is() {
        for (int i = 0; i < 2_000; i++) {
            String json = new RandomJson(Long.getLong("runledger.seed", 7) + i).compact();
            assertThat(fill(json).text()).isEqualTo(json);
        }
    }

    @Test
    void what_is_not_there_is_told_with_its_place() {
        assertThatThrownBy(() -> fill("{\"x\":[{\"$ref\":\"/nowhere\"},{\"$ref\":\"/a/2\"},{\"$ref\":\"/a/01\"}]}"))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.errors())
                                .extracting(FieldError::pointer)
                                .containsExactly("/x/0/$ref", "/x/1/$ref", "/x/2/$ref"));
    }

    @Test
    void references_are_found_and_wrong_forms_are_told() {
        List<FieldError> errors = new ArrayList<>();
        assertThat(JsonTemplate.references(
                        new Json("{\"a\":{\"$ref\":\"/x\"},\"b~\":[{\"$ref\":3},{\"$ref\":\"/y\",\"z\":1},"
                                + "{\"z\":1,\"$literal\":1},{\"$literal\":{\"$ref\":3}}]}"),
                        "/input",
                        errors))
                .containsExactly(
                        new JsonTemplate.Reference("/input/a/$ref", "/x"),
                        new JsonTemplate.Reference("/input/b~0/1/$ref", "/y"));
        assertThat(errors)
                .extracting(FieldError::pointer)
                .containsExactly("/input/b~0/0/$ref", "/input/b~0/1", "/input/b~0/2");
    }

    @Test
    void it_grows_no_larger_than_it_may() {
        Json many = new Json("[" + "{\"$ref\":\"\"},".repeat(20) + "1]");
        assertThatThrownBy(() -> JsonTemplate.fill(many, (_, _) -> VALUE, 1_000))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().wireName()).isEqualTo("too_large"));
    }

    @Test
    void a_pointer_that_is_none_is_not_read() {
        assertThat(RawPointer.parse("a/b")).isNull();
        assertThat(RawPointer.parse("/a~2")).isNull();
        assertThat(RawPointer.parse("/a~1b/~01")).containsExactly("a/b", "~1");
    }
}
