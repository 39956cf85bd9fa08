package io.runledger.query.run;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks for words in what a run is called and in why it failed, by the same rule as {@code view.words} in V7. */
final class RunWords {

    private RunWords() {}

    /** All words of the text occur, the last one perhaps as a beginning; null when it has no word. */
    static @Nullable RunCondition condition(String text) {
        // Punctuation parts words, there and here: nothing is left that has a meaning in a tsquery.
        String words = Arrays.stream(text.split("[\\p{Punct}\\s]+"))
                .filter(word -> !word.isEmpty())
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" & "));
        String sql = "view.words(name, target, error_message) @@ to_tsquery('simple', ?)";
        return words.isEmpty() ? null : RunCondition.of("error_message", sql, words.toLowerCase(Locale.ROOT) + ":*");
    }
}
