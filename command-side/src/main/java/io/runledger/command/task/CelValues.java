package io.runledger.command.task;

import dev.cel.common.values.NullValue;
import io.runledger.api.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** JSON as CEL compares it: whole numbers of 64 bits, all others as doubles. It is judged by, and never kept. */
final class CelValues {

    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private CelValues() {}

    static Object of(Json json) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json.text())) {
            parser.nextToken();
            return value(parser);
        }
    }

    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> whole(parser.getString());
            case VALUE_NUMBER_FLOAT -> Double.parseDouble(parser.getString());
            default -> NullValue.NULL_VALUE;
        };
    }

    private static Object whole(String digits) {
        // Nineteen digits and a sign are the most that fit; parsing a million of them would take long.
        try {
            return digits.length() > 20 ? (Object) Double.parseDouble(digits) : (Object) Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Double.parseDouble(digits);
        }
    }

    private static Map<String, Object> object(JsonParser parser) {
        Map<String, Object> members = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static List<Object> array(JsonParser parser) {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser));
        }
        return elements;
    }
}
