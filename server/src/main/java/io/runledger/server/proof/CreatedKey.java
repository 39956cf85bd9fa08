package io.runledger.server.proof;

import io.runledger.api.StoredEvent;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Finds the key of a run in the payload of the event that began it, without taking the rest of it apart. */
final class CreatedKey {

    /** Whatever was once taken in can be read again, whatever the limits are today. */
    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private CreatedKey() {}

    /** The key that the run was given; null when it was given none, or the event began no run. */
    static @Nullable String in(StoredEvent event) {
        if (!event.type().equals("run.created")) {
            return null;
        }
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), event.payload().text())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isKey = parser.currentName().equals("key");
                JsonToken value = parser.nextToken();
                if (isKey) {
                    return value == JsonToken.VALUE_STRING ? parser.getString() : null;
                }
                parser.skipChildren();
            }
            return null;
        } catch (JacksonException e) {
            // Not what the ledger wrote: its hash says so too.
            return null;
        }
    }
}
