package io.runledger.command.json;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;

/** Reads bodies of any length, as strictly as {@link JsonBodies}: one member's array is never held as a whole. */
public final class StreamedBodies {

    private final JsonBodies bodies;
    private final int mostBytes;

    /** Of the array's elements each, and of all other members together, may have so many bytes. */
    public StreamedBodies(JsonBodies bodies, int mostBytes) {
        this.bodies = bodies;
        this.mostBytes = mostBytes;
    }

    /**
     * The record that this text holds, one member of which is these elements: they are added one by one.
     *
     * @throws Problem with every error found; also when there is no such array
     */
    public <R extends Record> R read(Class<R> type, Reader text, String member, Collection<Json> elements) {
        List<FieldError> errors = new ArrayList<>();
        // A single string must not fill the memory either.
        StreamReadConstraints constraints = bodies.factory
                .streamReadConstraints()
                .rebuild()
                .maxStringLength(mostBytes)
                .build();
        String others = new StreamedMember(member, elements, mostBytes, errors)
                .read(
                        bodies.factory
                                .rebuild()
                                .streamReadConstraints(constraints)
                                .build(),
                        text);
        R value;
        try (JsonParser parser = bodies.factory.createParser(ObjectReadContext.empty(), others)) {
            parser.nextToken();
            value = bodies.record(type, parser, "", errors, Set.of(), Map.of(member, elements));
        }
        if (!errors.isEmpty() || value == null) {
            throw Problem.badRequest(errors);
        }
        return value;
    }
}
