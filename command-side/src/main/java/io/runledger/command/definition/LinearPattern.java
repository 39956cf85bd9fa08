package io.runledger.command.definition;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Matcher;

/** A regular expression whose matching takes time in proportion to the text, whatever its author had in mind. */
final class LinearPattern implements RegularExpression {

    /** A number of repetitions, and the character in front of it. */
    private static final java.util.regex.Pattern REPETITION =
            java.util.regex.Pattern.compile("(?s)(?<=(.))\\{(\\d{1,4})(?:,(\\d{0,4}))?}");

    private static final long FAR_TOO_MUCH = Integer.MAX_VALUE;

    private final Pattern pattern;

    private LinearPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Reads a regular expression.
     *
     * @throws IllegalArgumentException with the reason when it cannot be read, or comes to more than {@code mostSize}
     */
    static LinearPattern compile(String regex, int mostSize) {
        // Before it is compiled: a few nested repetitions, written out, would fill the memory.
        if (size(regex) > mostSize) {
            throw new IllegalArgumentException(
                    "comes to more than " + mostSize + " characters when its repetitions are written out");
        }
        try {
            return new LinearPattern(Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(e.getDescription(), e);
        }
    }

    /** At least as many characters as there are when {@code x{3}} is written {@code xxx}. */
    private static long size(String regex) {
        long size = regex.length();
        Matcher repetitions = REPETITION.matcher(regex);
        while (repetitions.find()) {
            long times = Integer.parseInt(repetitions.group(2));
            String most = repetitions.group(3);
            times = Math.max(times, most == null || most.isEmpty() ? 0 : Integer.parseInt(most));
            boolean one = ")}".indexOf(repetitions.group(1)) < 0;
            // Where a group begins is not looked for: it holds no more than all that stands before its end.
            size = Math.min(FAR_TOO_MUCH, one ? size + times : size * Math.max(1, times));
        }
        return size;
    }

    @Override
    public boolean matches(String text) {
        Effort.CURRENT.get().spend((long) pattern.programSize() * text.length() / Effort.CHARACTERS_PER_STEP);
        return pattern.matcher(text).find();
    }
}
