package io.runledger.command.json;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/** Takes the elements of one member out of a JSON object as they come, and keeps the other members as text. */
final class StreamedMember {

    private final String streamed;
    private final Collection<Json> elements;
    private final int mostBytes;
    private final List<FieldError> errors;
    private final StringBuilder others = new StringBuilder("{");
    private String place = "";
    private boolean seen;

    StreamedMember(String streamed, Collection<Json> elements, int mostBytes, List<FieldError> errors) {
        this.streamed = streamed;
        this.elements = elements;
        this.mostBytes = mostBytes;
        this.errors = errors;
    }

    /**
     * Reads the object to its end; answers with the other members, as an object.
     *
     * @throws Problem when it is not to be read on
     */
    String read(JsonFactory factory, Reader text) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.badRequest("", "must be an object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                member(parser);
            }
            place = "";
            if (parser.nextToken() != null) {
                errors.add(new FieldError("", "something follows the end of the JSON object"));
            }
        } catch (StreamConstraintsException e) {
            throw broken("nested too deeply, or a name, a string or a number is too long", e);
        } catch (JacksonException e) {
            boolean characters = e.getCause() instanceof CharacterCodingException;
            throw broken(characters ? "not valid UTF-8" : "not valid JSON", e);
        }
        if (!seen) {
            throw tooLarge();
        }
        return others.append('}').toString();
    }

    private Problem broken(String detail, JacksonException cause) {
        errors.add(new FieldError(place, detail + JsonValues.at(cause.getLocation())));
        return Problem.badRequest(errors);
    }

    private Problem tooLarge() {
        String detail =
                "Only " + streamed + " may be large: what is said beside them has at most " + mostBytes + " bytes.";
        return new Problem(ProblemCode.TOO_LARGE, detail);
    }

    private void member(JsonParser parser) {
        String name = parser.currentName();
        place = "/" + FieldError.escape(name);
        boolean isStreamed = name.equals(streamed);
        if (parser.nextToken() == JsonToken.START_ARRAY && isStreamed && !seen) {
            seen = true;
            elements(parser, place);
        } else {
            keep(name, parser);
        }
    }

    private void elements(JsonParser parser, String array) {
        for (long index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
            place = array + "/" + index;
            if (parser.currentToken() == JsonToken.VALUE_NULL) {
                JsonBodies.tell(errors, place, "must not be null");
                continue;
            }
            Json element = RawJson.copy(parser, mostBytes);
            if (element == null || !fits(element)) {
                JsonBodies.tell(errors, place, "is larger than " + mostBytes + " bytes");
            } else {
                elements.add(element);
            }
        }
    }

    private boolean fits(Json element) {
        // A character takes at most three bytes; two that take four are two characters here.
        return element.text().length() <= mostBytes / 3
                || element.text().getBytes(StandardCharsets.UTF_8).length <= mostBytes;
    }

    private void keep(String name, JsonParser parser) {
        Json value = RawJson.copy(parser, mostBytes);
        if (value == null || others.length() + value.text().length() > mostBytes) {
            throw tooLarge();
        }
        if (others.length() > 1) {
            others.append(',');
        }
        RawJson.quote(name, others);
        others.append(':').append(value.text());
    }
}
