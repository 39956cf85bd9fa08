package io.runledger.query.run;

import org.jspecify.annotations.Nullable;

/**
 * Text as a database column can hold it: JSON strings may have U+0000 and lone surrogates, PostgreSQL's text may not, and
 * one such event would stop the view of all projects.
 */
final class PlainText {

    private static final char REPLACEMENT = '\uFFFD';

    private PlainText() {}

    static @Nullable String orNull(@Nullable String text) {
        return text == null ? null : of(text);
    }

    static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return cleaned(text);
            }
        }
        return text;
    }

    private static String cleaned(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == 0 || Character.getType(c) == Character.SURROGATE ? REPLACEMENT : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }
}
