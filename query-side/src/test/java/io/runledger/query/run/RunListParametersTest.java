package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import io.runledger.query.Recorded;
import io.runledger.query.http.Cursors;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

class RunListParametersTest {

    private final Cursors cursors = new Cursors(new byte[32]);

    @Test
    void everything_that_is_wrong_is_told_at_once() {
        assertThat(
                        errors(
                                "limit=0&status=runing&target=x&sort=size&stauts=failed&created_after=yesterday&count=yes&id=7"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "limit", "status", "target", "sort", "stauts", "created_after", "count", "id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=101",
                "limit=x",
                "limit=",
                "limit=1&limit=2",
                "limit=+5",
                "offset=-1",
                "offset=10001",
                "order=up",
                "after=AAAA",
                "before=AAAA",
                "created_before=2026-01-01",
                "updated_after=+10000-01-01T00:00:00Z",
                "label.=x",
                "label.a=",
                "key=a\0b",
                "count=1",
                "as_of=1",
                "as_of=position:-1",
                "as_of=position:x",
                "include=items",
                "q=-.-",
                "parent_id=7",
                "min_duration_ms=-1",
                "max_duration_ms=long"
            })
    void a_wrong_parameter_is_named(String query) {
        assertThat(errors(query)).extracting(FieldError::pointer).containsOnly(query.substring(0, query.indexOf('=')));
    }

    @Test
    void ways_of_paging_exclude_each_other() {
        String cursor = cursor("");
        assertThat(errors("after=" + cursor + "&before=" + cursor))
                .extracting(FieldError::pointer)
                .containsExactly("before");
        assertThat(errors("after=" + cursor + "&offset=5"))
                .extracting(FieldError::pointer)
                .containsExactly("offset");
        assertThat(errors("sort=name&order=asc"))
                .extracting(FieldError::pointer)
                .containsExactly("order");
    }

    @Test
    void a_cursor_goes_with_its_own_list_only() {
        String cursor = cursor("status=failed&label.a=b");
        for (String same : List.of("status=failed&label.a=b", "label.a=b&status=failed&limit=3&sort=-created_at")) {
            assertThatCode(() -> read("default", same + "&after=" + cursor)).doesNotThrowAnyException();
        }
        for (String other :
                List.of("", "status=failed", "status=queued&label.a=b", "status=failed&label.a=b&order=asc")) {
            assertThat(errors(other + "&after=" + cursor))
                    .extracting(FieldError::pointer)
                    .containsExactly("after");
        }
        Problem elsewhere =
                catchThrowableOfType(Problem.class, () -> read("other", "status=failed&label.a=b&after=" + cursor));
        assertThat(elsewhere.errors()).extracting(FieldError::pointer).containsExactly("after");
    }

    private String cursor(String query) {
        String identity = read("default", query).identity();
        return cursors.print(identity, new RunPlace("2026-01-01T00:00:00Z", Recorded.id(1), null).print());
    }

    private List<FieldError> errors(String query) {
        Problem problem = catchThrowableOfType(Problem.class, () -> read("default", query));
        assertThat(problem).as(query).isNotNull();
        return problem.errors();
    }

    private RunListQuery read(String project, String query) {
        return RunListParameters.read(project, parameters(query), cursors);
    }

    static MultiValueMap<String, String> parameters(String query) {
        MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                parameters.add(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return parameters;
    }
}
