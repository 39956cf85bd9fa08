package io.runledger.query.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

class PageRequestTest {

    private static final Cursors CURSORS = new Cursors(new byte[32]);
    private static final String LIST = "numbers p";

    private static PageRequest read(String... namesAndValues) {
        MultiValueMap<String, String> given = new LinkedMultiValueMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            given.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        QueryParameters parameters = new QueryParameters(given);
        PageRequest request = PageRequest.read(parameters, CURSORS, LIST);
        parameters.check();
        return request;
    }

    /** A page of the numbers below this one, in their order. */
    private static Page<Integer> page(int count, PageRequest request) {
        int place = request.place() == null ? -1 : Integer.parseInt(request.place());
        List<Integer> inDirection = request.backwards()
                ? IntStream.range(0, place).boxed().toList().reversed()
                : IntStream.range(place + 1, count).boxed().toList();
        return request.page(inDirection.stream().limit(request.rows()).toList(), String::valueOf);
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 3", "3, 3", "4, 3", "9, 3", "10, 3", "25, 10"})
    void pages_tile_the_list_forwards_and_back(int count, int limit) {
        List<List<Integer>> forwards = new ArrayList<>();
        Page<Integer> page = page(count, read("limit", "" + limit));
        assertThat(page.previous()).isNull();
        forwards.add(page.data());
        while (page.next() != null) {
            assertThat(page.hasMore()).isTrue();
            page = page(count, read("limit", "" + limit, "after", page.next()));
            forwards.add(page.data());
        }
        assertThat(page.hasMore()).isFalse();
        assertThat(forwards.stream().flatMap(List::stream))
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());

        List<List<Integer>> back = new ArrayList<>(List.of(page.data()));
        while (page.previous() != null) {
            page = page(count, read("limit", "" + limit, "before", page.previous()));
            assertThat(page.hasMore()).isTrue();
            back.add(page.data());
        }
        assertThat(back.reversed()).isEqualTo(forwards);
    }

    @Test
    void ten_rows_unless_it_is_said() {
        assertThat(page(200, read()).data()).hasSize(10);
        assertThat(page(200, read("limit", "100")).data()).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=101", "limit=x", "after=x", "before=x", "offset=1", "after="})
    void what_is_no_page_is_refused_by_name(String parameter) {
        String[] parts = parameter.split("=", -1);
        assertThatThrownBy(() -> read(parts[0], parts[1]))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.errors())
                                .extracting(FieldError::pointer)
                                .containsExactly(parts[0]));
    }

    @Test
    void a_page_is_not_both_after_and_before() {
        String cursor = CURSORS.print(LIST, "3");
        assertThatThrownBy(() -> read("after", cursor, "before", cursor)).hasMessageContaining("before");
    }

    @Test
    void a_cursor_of_another_list_is_refused() {
        String other = CURSORS.print("numbers of another project", "3");
        assertThatThrownBy(() -> read("after", other)).hasMessageContaining("after");
    }
}
