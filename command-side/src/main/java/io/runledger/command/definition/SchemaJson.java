package io.runledger.command.definition;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import java.math.BigDecimal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ValueNode;

/** Reads JSON into trees for schemas: numbers stay exact, and what can be read in two ways is refused. */
final class SchemaJson {

    /** Arithmetic on numbers with more zeros would fill the memory. */
    private static final int MOST_ZEROS = 1_000;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .nodeFactory(new ModestNumbers())
            .build();

    private SchemaJson() {}

    /**
     * The tree of this value, which stands at {@code pointer}.
     *
     * @throws Problem with the place of what no schema can judge
     */
    static JsonNode read(Json value, String pointer) {
        try (JsonParser parser = MAPPER.createParser(value.text())) {
            try {
                return parser.readValueAsTree();
            } catch (ArithmeticException e) {
                throw Problem.badRequest(place(pointer, parser), "is too large or too small a number for a schema");
            } catch (JacksonException e) {
                throw Problem.badRequest(place(pointer, parser), "given twice, or not readable for a schema");
            }
        }
    }

    private static String place(String pointer, JsonParser parser) {
        return InputSchema.printable(pointer + parser.streamReadContext().pathAsPointer());
    }

    private static final class ModestNumbers extends JsonNodeFactory {

        @Override
        public ValueNode numberNode(BigDecimal number) {
            if (Math.abs((long) number.scale()) > MOST_ZEROS) {
                throw new ArithmeticException("too many zeros");
            }
            return super.numberNode(number);
        }
    }
}
