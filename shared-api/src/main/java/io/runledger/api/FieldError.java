package io.runledger.api;

import java.util.regex.Pattern;

/** One thing that is wrong with an input; {@code pointer} is its JSON Pointer (RFC 6901), or a parameter's name. */
public record FieldError(String pointer, String detail) {

    private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

    /** A member's name as a part of a pointer; half of a surrogate pair could not be answered with. */
    public static String escape(String name) {
        return LONE_SURROGATE
                .matcher(name)
                .replaceAll("\uFFFD")
                .replace("~", "~0")
                .replace("/", "~1");
    }
}
