package io.runledger.api;

import java.util.regex.Pattern;

/** One thing that is wrong with an input; {@code pointer} is its JSON Pointer (RFC 6901), or a parameter's name. */
public record FieldError(String pointer, String detail) {

    private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

    /** A member's name as a part of a pointer; half of a surrogate pair could not be answered with. */
    public static String escape(String name) {
        // Asked for each member of each body, and most names are what they are.
        return name.chars().allMatch(FieldError::isPlain) ? name : escapeAll(name);
    }

    private static boolean isPlain(int character) {
        return character != '~' && character != '/' && !Character.isSurrogate((char) character);
    }

    private static String escapeAll(String name) {
        return LONE_SURROGATE
                .matcher(name)
                .replaceAll("\uFFFD")
                .replace("~", "~0")
                .replace("/", "~1");
    }
}
