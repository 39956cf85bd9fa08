package io.runledger.command.json;

import io.runledger.api.Json;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Finds what a JSON pointer (RFC 6901) points to, without taking it through numbers. */
public final class RawPointer {

    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private RawPointer() {}

    /** The names and indexes that a pointer is made of; null when the text is no pointer. */
    public static @Nullable List<String> parse(String pointer) {
        if (pointer.isEmpty()) {
            return List.of();
        }
        if (pointer.charAt(0) != '/' || pointer.matches("(?s).*~(?![01]).*")) {
            return null;
        }
        return Stream.of(pointer.substring(1).split("/", -1))
                .map(name -> name.replace("~1", "/").replace("~0", "~"))
                .toList();
    }

    /** The value that is found by going down these names and indexes; null when there is none. */
    public static @Nullable Json find(Json value, List<String> path) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), value.text())) {
            parser.nextToken();
            for (String name : path) {
                if (!enter(parser, name)) {
                    return null;
                }
            }
            return RawJson.copy(parser);
        }
    }

    /** Goes to the member or the element of this name; whether there is one. */
    private static boolean enter(JsonParser parser, String name) {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isWanted = parser.currentName().equals(name);
                parser.nextToken();
                if (isWanted) {
                    return true;
                }
                parser.skipChildren();
            }
            return false;
        }
        if (parser.currentToken() != JsonToken.START_ARRAY || !name.matches("0|[1-9][0-9]{0,8}")) {
            return false;
        }
        int index = Integer.parseInt(name);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (index-- == 0) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }
}
