package io.runledger.command.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.runledger.command.json.RawJson;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads event payloads as JSON that a person can read, under the ledger's own names and versions. */
public final class EventSerializer extends Jackson3Serializer {

    /** Each made when it is needed first: making all of them would delay every start, and one for each event its reading. */
    private final Map<EventType, ObjectReader> readers = new ConcurrentHashMap<>();

    private EventSerializer(Builder builder) {
        super(builder);
    }

    /** A serializer that is ready to use. */
    public static EventSerializer create() {
        Builder builder = Jackson3Serializer.builder().jsonMapperBuilderCustomizer(EventSerializer::configure);
        return new EventSerializer(builder);
    }

    private static void configure(JsonMapper.Builder mapper) {
        mapper.addModule(RawJson.module())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .changeDefaultPropertyInclusion(all -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                // An upcaster works on a tree; numbers must come through it digit by digit.
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                // A field that a newer node wrote must not stop this one.
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Axon declares it
    public SerializedType typeForClass(@Nullable Class type) {
        EventType eventType = EventType.of(type);
        return eventType == null
                ? super.typeForClass(type)
                : new SimpleSerializedType(eventType.storedName(), Integer.toString(eventType.version()));
    }

    // Asked for every event that is read, so not by way of the class's name.
    @Override
    @SuppressWarnings("rawtypes")
    public Class classForType(SerializedType type) {
        EventType eventType = EventType.readable(type.getName(), type.getRevision());
        return eventType == null ? super.classForType(type) : eventType.eventClass();
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <S, T> T deserialize(SerializedObject<S> serializedObject) {
        SerializedType type = serializedObject.getType();
        return switch (serializedObject.getData()) {
            // The header is kept in columns and never serialized; Axon hands it round in a serialized object's clothes.
            case MetaData header -> (T) header;
            // Not by way of bytes: in UTF-8 there is no member whose name holds half a surrogate pair.
            case String text -> {
                EventType eventType = EventType.readable(type.getName(), type.getRevision());
                yield eventType == null
                        ? super.deserialize(serializedObject)
                        : readers.computeIfAbsent(eventType, each -> getReader(each.eventClass()))
                                .readValue(text);
            }
            default -> super.deserialize(serializedObject);
        };
    }
}
