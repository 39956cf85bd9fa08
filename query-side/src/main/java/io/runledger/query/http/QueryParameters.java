package io.runledger.query.http;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/**
 * Takes a request's query parameters apart and collects everything that is wrong with them. A parameter that nobody asked
 * for is unknown; {@link #check} refuses it, so that a typo does not pass as a default.
 */
public final class QueryParameters {

    /** Within what every reader of RFC 3339, and the database, can tell. */
    private static final int LAST_YEAR = 9999;

    private final MultiValueMap<String, String> given;
    private final Set<String> known = new HashSet<>();
    private final List<FieldError> errors = new ArrayList<>();

    public QueryParameters(MultiValueMap<String, String> given) {
        this.given = given;
    }

    /** Refuses every parameter: for calls that take none. */
    public static void none(MultiValueMap<String, String> given) {
        new QueryParameters(given).check();
    }

    /** All values of a parameter that may repeat, as they are. */
    public List<String> texts(String name) {
        return values(name, "not a text", text -> text);
    }

    /** All values of a parameter that may repeat; one that reads as null is wrong, for this reason. */
    public <T> List<T> values(String name, String reason, Function<String, @Nullable T> read) {
        known.add(name);
        List<T> values = new ArrayList<>();
        for (String text : given.getOrDefault(name, List.of())) {
            T value = isUsable(text) ? read.apply(text) : null;
            if (value == null) {
                error(name, isUsable(text) ? reason : "must not be empty");
            } else {
                values.add(value);
            }
        }
        return values;
    }

    /** The value of a parameter that may not repeat; null when it is not given, or wrong for this reason. */
    public <T> @Nullable T value(String name, String reason, Function<String, @Nullable T> read) {
        List<T> values = values(name, reason, read);
        if (given.getOrDefault(name, List.of()).size() > 1) {
            error(name, "may be given once only");
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    /** The value of a parameter that may not repeat, as it is; null when it is not given. */
    public @Nullable String text(String name) {
        return value(name, "not a text", text -> text);
    }

    /** A whole number from {@code least} to {@code most}. */
    public long number(String name, long absent, long least, long most) {
        Long value = value(name, "must be a whole number from " + least + " to " + most, text -> {
            Long number = parse(text);
            return number == null || number < least || number > most ? null : number;
        });
        return value == null ? absent : value;
    }

    /** Either {@code true} or {@code false}; false when it is not given. */
    public boolean flag(String name) {
        Boolean value = value(name, "must be true or false", text -> switch (text) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        });
        return Boolean.TRUE.equals(value);
    }

    /** A point in time in RFC 3339. */
    public @Nullable Instant time(String name) {
        return value(name, "must be a time like 2026-01-31T12:00:00Z", QueryParameters::parseTime);
    }

    /** The values of all parameters whose names begin like this, by the rest of their names. */
    public Map<String, List<String>> family(String prefix) {
        TreeMap<String, List<String>> members = new TreeMap<>();
        for (String name : given.keySet()) {
            if (name.startsWith(prefix)) {
                List<String> values = texts(name);
                String rest = name.substring(prefix.length());
                if (isUsable(rest)) {
                    members.put(rest, values);
                } else {
                    error(name, "a name must follow " + prefix);
                }
            }
        }
        return members;
    }

    /** Adds something that is wrong. */
    public void error(String name, String detail) {
        errors.add(new FieldError(name, detail));
    }

    /** Whether the parameter was given at all. */
    public boolean has(String name) {
        return given.containsKey(name);
    }

    /**
     * Ends the reading.
     *
     * @throws Problem when anything was wrong, with all of it
     */
    public void check() {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                error(name, "is not a parameter of this call");
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
    }

    /** A whole number in plain decimal digits; null when the text is none. */
    public static @Nullable Long parse(String text) {
        try {
            return text.startsWith("+") ? null : (Long) Long.parseLong(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** A point in time in RFC 3339; null when the text is none. */
    public static @Nullable Instant parseTime(String text) {
        try {
            OffsetDateTime time = OffsetDateTime.parse(text);
            return time.getYear() < 1 || time.getYear() > LAST_YEAR ? null : time.toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** The database takes no U+0000 in a text, and an empty value is a mistake of whoever made the URL. */
    private static boolean isUsable(String text) {
        return !text.isEmpty() && text.indexOf('\0') < 0;
    }
}
