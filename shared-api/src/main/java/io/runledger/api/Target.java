package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a run executes: a kind and a name, written {@code kind:name}. */
public record Target(String kind, String name) {

    /** What a target must look like; names are 1 to 200 characters. */
    public static final String PATTERN = "(task|action|workflow|process|agent):([A-Za-z0-9][A-Za-z0-9._/@-]{0,199})";

    private static final Pattern COMPILED = Pattern.compile(PATTERN);

    /** Reads {@code kind:name}; null when the text is not of that form. */
    public static @Nullable Target parse(String text) {
        Matcher matcher = COMPILED.matcher(text);
        return matcher.matches() ? new Target(matcher.group(1), matcher.group(2)) : null;
    }

    /**
     * Reads {@code kind:name}.
     *
     * @throws IllegalArgumentException when the text is not of that form
     */
    @JsonCreator
    public static Target of(String text) {
        Target target = parse(text);
        if (target == null) {
            throw new IllegalArgumentException(
                    "write kind:name, where kind is task, action, workflow, process or agent");
        }
        return target;
    }

    @Override
    @JsonValue
    public String toString() {
        return kind + ":" + name;
    }
}
