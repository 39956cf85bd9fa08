package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.query.http.QueryParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunFilterJsonTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"status\": \"failed\"} | status=failed",
                "{\"status\": [\"failed\", \"active\"], \"queue\": \"q\"} | status=failed&status=active&queue=q",
                "{\"label.team\": [\"a\", \"b\"], \"label.x/y\": \"1\"} | label.team=a&label.team=b&label.x/y=1",
                "{\"min_duration_ms\": 1500, \"created_before\": \"2026-01-01T00:00:00Z\"}"
                        + " | min_duration_ms=1500&created_before=2026-01-01T00:00:00Z",
                "{\"key\": \"7\", \"q\": \"two words\", \"include\": \"tasks\"} | key=7&q=two words&include=tasks",
                "{\"parent_id\": \"01K0000000000000000000000A\"} | parent_id=01K0000000000000000000000A"
            })
    void it_means_what_the_same_parameters_of_the_list_mean(String json, String query) {
        RunCondition asList = RunFilters.read("default", new QueryParameters(RunListParametersTest.parameters(query)))
                .all();

        RunCondition asJson = RunFilterJson.read("default", new Json(json)).all();

        assertThat(asJson.sql()).isEqualTo(asList.sql());
        assertThat(asJson.values()).usingRecursiveComparison().isEqualTo(asList.values());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"include\": \"tasks\"}"})
    void a_filter_that_leaves_no_run_out_is_refused(String json) {
        assertThat(errors(json)).extracting(FieldError::pointer).containsExactly("/filter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"status\"", "7", "null", "{\"queue\": \"a\", \"queue\": \"b\"}"})
    void what_is_no_object_or_says_a_thing_twice_is_refused(String json) {
        assertThat(errors(json)).extracting(FieldError::pointer).containsExactly("/filter");
    }

    @Test
    void what_would_widen_the_filter_if_it_were_left_out_is_refused() {
        assertThat(errors(
                        "{\"target\": \"task:t\", \"label.x\": \"\\ud800\", \"status\": null, \"queue\": [], \"stage\": [null], \"name\": {\"a\": 1},"
                                + " \"created_by\": true, \"worker\": [[\"w\"]], \"key\": \"\"}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/filter/label.x",
                        "/filter/status",
                        "/filter/queue",
                        "/filter/stage",
                        "/filter/name",
                        "/filter/created_by",
                        "/filter/worker",
                        "/filter/key");
    }

    @Test
    void everything_that_is_wrong_is_told_at_once_with_its_place() {
        assertThat(errors("{\"stauts\": \"failed\", \"status\": [\"failed\", \"runing\"], \"limit\": 5, \"as_of\": 7,"
                        + " \"a/b~c\": 1, \"min_duration_ms\": 1.5}"))
                .extracting(FieldError::pointer)
                .containsExactlyInAnyOrder(
                        "/filter/stauts",
                        "/filter/status",
                        "/filter/limit",
                        "/filter/as_of",
                        "/filter/a~1b~0c",
                        "/filter/min_duration_ms");
    }

    private static java.util.List<FieldError> errors(String json) {
        return catchThrowableOfType(Problem.class, () -> RunFilterJson.read("default", new Json(json)))
                .errors();
    }
}
