package io.runledger.command.json;

import io.runledger.api.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;

/** Takes a JSON value out of a parser token by token, so that no number passes through a double and no order is lost. */
public final class RawJson {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private RawJson() {}

    /** Lets a mapper read {@link Json} fields. */
    public static JacksonModule module() {
        return new SimpleModule("raw json").addDeserializer(Json.class, new Reader());
    }

    /** The value that starts at the parser's current token, without white space; the parser ends at its last token. */
    public static Json copy(JsonParser parser) {
        Json value = copy(parser, Integer.MAX_VALUE);
        if (value == null) {
            throw new IllegalStateException("a text has no more characters than that");
        }
        return value;
    }

    /** Like {@link #copy(JsonParser)}; null when the value has more characters than that, of which no more are held. */
    static @Nullable Json copy(JsonParser parser, int mostChars) {
        StringBuilder out = new StringBuilder();
        boolean tooLong = false;
        int depth = 0;
        boolean first = true;
        for (JsonToken token = parser.currentToken(); ; token = parser.nextToken(), first = false) {
            if (token == null) {
                throw new IllegalStateException("the parser ended inside a value");
            }
            if (token.isStructEnd()) {
                out.append(token.asString());
                depth--;
            } else {
                separate(out, first);
                depth += write(token, parser, out);
            }
            if (out.length() > mostChars) {
                tooLong = true;
                // What stands last is looked at before the next token is written.
                out.delete(0, out.length() - 1);
            }
            if (depth == 0) {
                return tooLong ? null : new Json(out.toString());
            }
        }
    }

    /** Writes the token; says by how many levels it went deeper. */
    private static int write(JsonToken token, JsonParser parser, StringBuilder out) {
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                out.append(token.asString());
                return 1;
            }
            case PROPERTY_NAME -> {
                quote(parser.currentName(), out);
                out.append(':');
            }
            case VALUE_STRING -> quote(parser.getString(), out);
            // Not as a string: a body may hold hundreds of thousands of numbers.
            default -> out.append(parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
        }
        return 0;
    }

    private static void separate(StringBuilder out, boolean first) {
        if (first) {
            return;
        }
        char last = out.charAt(out.length() - 1);
        if (last != '{' && last != '[' && last != ':') {
            out.append(',');
        }
    }

    /** Writes a JSON string; a lone surrogate, which UTF-8 cannot hold, keeps its escaped form. */
    static void quote(String text, StringBuilder out) {
        out.append('"');
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c)) {
                // In one piece what stands between: character by character takes several times as long.
                out.append(text, from, i);
                escape(c, out);
                from = i + 1;
            }
        }
        out.append(text, from, text.length()).append('"');
    }

    private static void escape(char c, StringBuilder out) {
        out.append('\\');
        switch (c) {
            case '"', '\\' -> out.append(c);
            case '\n' -> out.append('n');
            case '\r' -> out.append('r');
            case '\t' -> out.append('t');
            default ->
                out.append('u')
                        .append(HEX[c >> 12])
                        .append(HEX[c >> 8 & 15])
                        .append(HEX[c >> 4 & 15])
                        .append(HEX[c & 15]);
        }
    }

    private static final class Reader extends StdDeserializer<Json> {

        Reader() {
            super(Json.class);
        }

        @Override
        public Json deserialize(JsonParser parser, DeserializationContext context) {
            return copy(parser);
        }

        // A null that was written says something; only what is absent is nothing.
        @Override
        public Object getNullValue(DeserializationContext context) {
            return Json.NULL;
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }
}
