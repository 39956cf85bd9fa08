package io.runledger.command.json;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value with references in it: {@code {"$ref": "/tasks/fetch/output/url"}} stands for the value at that JSON pointer
 * (RFC 6901). {@code {"$literal": …}} stands for its value as it is, whatever that holds. Values are taken over as text.
 */
public final class JsonTemplate {

    private static final JsonFactory FACTORY = JsonFactory.builder().build();
    private static final String REFERENCE = "$ref";
    private static final String LITERAL = "$literal";

    private final JsonParser parser;
    private final BiFunction<String, String, @Nullable Json> values;
    private final List<FieldError> errors;
    private final int mostChars;
    private final StringBuilder out = new StringBuilder();

    private JsonTemplate(
            JsonParser parser,
            BiFunction<String, String, @Nullable Json> values,
            List<FieldError> errors,
            int mostChars) {
        this.parser = parser;
        this.values = values;
        this.errors = errors;
        this.mostChars = mostChars;
    }

    /** A reference, and the place in the template where it stands, as a JSON pointer. */
    public record Reference(String place, String pointer) {}

    /** The references of a template that stands at this place of a body; what is wrong with its form goes to the errors. */
    public static List<Reference> references(Json template, String place, List<FieldError> errors) {
        List<Reference> found = new ArrayList<>();
        fill(
                template,
                place,
                (where, pointer) -> {
                    found.add(new Reference(where, pointer));
                    return Json.NULL;
                },
                errors,
                Integer.MAX_VALUE);
        return found;
    }

    /**
     * The template with each reference replaced.
     *
     * @param values the value for a place and a pointer; null when there is none
     * @throws Problem when a reference has no value, or the whole would have more characters than that
     */
    public static Json fill(Json template, BiFunction<String, String, @Nullable Json> values, int mostChars) {
        List<FieldError> errors = new ArrayList<>();
        Json filled = fill(template, "", values, errors, mostChars);
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
        return filled;
    }

    /** This text as a JSON value. */
    public static Json text(String text) {
        StringBuilder quoted = new StringBuilder();
        RawJson.quote(text, quoted);
        return new Json(quoted.toString());
    }

    private static Json fill(
            Json template,
            String place,
            BiFunction<String, String, @Nullable Json> values,
            List<FieldError> errors,
            int mostChars) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), template.text())) {
            parser.nextToken();
            JsonTemplate filling = new JsonTemplate(parser, values, errors, mostChars);
            filling.value(place);
            return new Json(filling.out.toString());
        }
    }

    private void value(String place) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            object(place);
        } else if (token == JsonToken.START_ARRAY) {
            array(place);
        } else {
            add(RawJson.copy(parser));
        }
    }

    private void add(Json value) {
        if (out.length() + value.text().length() > mostChars) {
            throw new Problem(ProblemCode.TOO_LARGE, "Filled in, it has more than " + mostChars + " characters.");
        }
        out.append(value.text());
    }

    private void array(String place) {
        out.append('[');
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i > 0) {
                out.append(',');
            }
            value(place + "/" + i);
        }
        out.append(']');
    }

    private void object(String place) {
        int start = out.length();
        out.append('{');
        int members = 0;
        int special = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals(REFERENCE) || name.equals(LITERAL)) {
                special++;
                out.setLength(start);
                special(name, place);
            } else {
                if (members++ > 0) {
                    out.append(',');
                }
                RawJson.quote(name, out);
                out.append(':');
                value(place + "/" + FieldError.escape(name));
            }
        }
        if (special == 0) {
            out.append('}');
        } else if (special + members > 1) {
            errors.add(new FieldError(place, "nothing may stand beside " + REFERENCE + " or " + LITERAL));
        }
    }

    private void special(String name, String place) {
        if (name.equals(LITERAL)) {
            add(RawJson.copy(parser));
            return;
        }
        String where = place + "/" + REFERENCE;
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            errors.add(new FieldError(where, "must be a JSON pointer in a string"));
            parser.skipChildren();
            return;
        }
        Json value = values.apply(where, parser.getString());
        if (value == null) {
            errors.add(new FieldError(where, "there is nothing at " + parser.getString()));
        } else {
            add(value);
        }
    }
}
