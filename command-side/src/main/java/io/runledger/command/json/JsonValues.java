package io.runledger.command.json;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.Target;
import io.runledger.command.json.JsonBodies.Place;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

/** Reads single JSON values into the few types that request bodies are made of. */
final class JsonValues {

    /** PostgreSQL keeps instants from 4713 BC on; four-digit years are what RFC 3339 can write. */
    private static final int LAST_YEAR = 9999;

    static final String NOT_STORABLE = "holds a NUL or half of a surrogate pair";

    private JsonValues() {}

    /** The value at the parser's token; null for JSON null, and when it is not of the type, which an error tells. */
    static @Nullable Object read(Type type, Place place) {
        JsonParser parser = place.parser();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == Map.class ? map(place) : list(generic.getActualTypeArguments()[0], place);
        }
        if (type == Json.class) {
            return RawJson.copy(parser);
        }
        if (type == Integer.class || type == Long.class) {
            return integer(type, place);
        }
        if (type == Double.class) {
            return number(place);
        }
        if (type == Boolean.class) {
            return token.isBoolean() ? (Boolean) parser.getBooleanValue() : refuse(place, "must be true or false");
        }
        if (type instanceof Class<?> record && record.isRecord() && !isText(record)) {
            return place.bodies().record(record.asSubclass(Record.class), parser, place.pointer(), place.errors());
        }
        return token == JsonToken.VALUE_STRING
                ? text(type, parser.getString(), place)
                : refuse(place, "must be a string");
    }

    /** Records that are written as strings. */
    private static boolean isText(Class<?> type) {
        return type == Target.class || type == RunId.class;
    }

    private static @Nullable Object text(Type type, String text, Place place) {
        if (!isStorable(text)) {
            return refuse(place, NOT_STORABLE);
        }
        try {
            if (type == Instant.class) {
                return instant(text);
            }
            if (type == Duration.class) {
                return Duration.parse(text);
            }
            if (type == RunId.class) {
                return RunId.of(text);
            }
            return type == Target.class ? Target.of(text) : text;
        } catch (DateTimeException | ArithmeticException e) {
            return refuse(
                    place,
                    type == Instant.class
                            ? "must be a time of RFC 3339, like 2026-01-31T12:00:00Z"
                            : "must be a duration of ISO 8601, like PT30S");
        } catch (IllegalArgumentException e) {
            return refuse(place, e.getMessage() == null ? "is not of the right form" : e.getMessage());
        }
    }

    /** A time without a zone is taken as UTC. */
    private static Instant instant(String text) {
        TemporalAccessor time =
                DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        OffsetDateTime zoned =
                time instanceof LocalDateTime local ? local.atOffset(ZoneOffset.UTC) : OffsetDateTime.from(time);
        int year = zoned.withOffsetSameInstant(ZoneOffset.UTC).getYear();
        if (year < 1 || year > LAST_YEAR) {
            throw new DateTimeException("out of range");
        }
        return zoned.toInstant();
    }

    private static @Nullable Object integer(Type type, Place place) {
        String text = place.parser().getString();
        // Twenty characters: more cannot fit, and parsing a million digits would take long.
        if (place.parser().currentToken() != JsonToken.VALUE_NUMBER_INT || text.length() > 20) {
            return refuse(place, "must be a whole number");
        }
        try {
            return type == Integer.class ? (Object) Integer.valueOf(text) : (Object) Long.valueOf(text);
        } catch (NumberFormatException e) {
            return refuse(place, "is too large a number");
        }
    }

    private static @Nullable Object number(Place place) {
        if (!place.parser().currentToken().isNumeric()) {
            return refuse(place, "must be a number");
        }
        double value = Double.parseDouble(place.parser().getString());
        return Double.isFinite(value) ? (Double) value : refuse(place, "is too large a number");
    }

    static @Nullable Object list(Type elementType, Place place) {
        JsonParser parser = place.parser();
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return refuse(place, "must be an array");
        }
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Place below = place.below(Integer.toString(elements.size()));
            if (parser.currentToken() == JsonToken.VALUE_NULL) {
                below.refuse("must not be null");
            }
            elements.add(read(elementType, below));
        }
        return elements;
    }

    private static @Nullable Object map(Place place) {
        JsonParser parser = place.parser();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return refuse(place, "must be an object");
        }
        Map<String, String> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Place below = place.below(name);
            parser.nextToken();
            if (!isStorable(name)) {
                below.refuse("has a name that holds a NUL or half of a surrogate pair");
            } else if (parser.currentToken() != JsonToken.VALUE_STRING) {
                below.refuse("must be a string");
            } else if (read(String.class, below) instanceof String text && members.put(name, text) != null) {
                below.refuse("given twice");
            }
        }
        return members;
    }

    private static @Nullable Object refuse(Place place, String detail) {
        place.refuse(detail);
        return null;
    }

    /** Whether PostgreSQL can keep the text: it has no NUL, and UTF-8 has no lone surrogates. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** Where in a text something was found, for people. */
    static String at(@Nullable TokenStreamLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
