package io.runledger.command.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearPatternTest {

    private static boolean matches(String regex, String text) {
        LinearPattern pattern = LinearPattern.compile(regex, 1_000);
        return ScopedValue.where(Effort.CURRENT, new Effort(1_000)).call(() -> pattern.matches(text));
    }

    @ParameterizedTest
    @CsvSource({
        "^[a-z]+$, abc, true",
        "^[a-z]+$, 'abc\n', false",
        "b, abc, true",
        "^\\p{L}+$, Ünïçödé, true",
        "'^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$', 127.0.0.1, true",
        "'^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$', 123e4567-e89b-12d3-a456-426614174000, true",
        "^\\d{4}-\\d{2}$, 2026-1, false"
    })
    void a_pattern_looks_for_its_text_anywhere(String regex, String text, boolean found) {
        assertThat(matches(regex, text)).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{100}){100}){100}",
                "(a{1000}){2}",
                "((((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2}){2})",
                "(a{900,}b{900,})",
                "(([)]aaaa){100}){100}",
                "(\\Q)\\Eaaaa){1000}",
                "((a{5}){5}?){50}"
            })
    void repetitions_of_repetitions_are_refused_before_they_are_written_out(String regex) {
        assertThatThrownBy(() -> LinearPattern.compile(regex, 1_000)).hasMessageContaining("more than 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?=a)", "(?<!a)b", "(a)\\1", "(", "a{1001}", "\\u0041"})
    void what_takes_more_than_linear_time_or_is_unknown_is_refused(String regex) {
        assertThatThrownBy(() -> LinearPattern.compile(regex, 10_000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void matching_counts_as_effort() {
        LinearPattern pattern = LinearPattern.compile("(a+)+b", 1_000);
        assertThatThrownBy(() -> ScopedValue.where(Effort.CURRENT, new Effort(1_000))
                        .call(() -> pattern.matches("a".repeat(100_000))))
                .hasMessageContaining("1000");
    }
}
