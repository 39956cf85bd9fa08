package io.runledger.command.json;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import io.runledger.command.json.RecordShape.Member;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a request's JSON into a record, strictly: an unknown, doubled or mistyped member is an error with its pointer,
 * and all errors of a body are told at once. Rules beyond the type are the record's Bean Validation annotations.
 */
public final class JsonBodies {

    /** Enough to mend a body by; an answer must not outgrow what it answers. */
    public static final int MAX_ERRORS = 100;

    /** A text beyond this is large; a smaller one is parsed in less than a millisecond. */
    private static final int LARGE_CHARS = 64 << 10;

    /** A large body that is refused keeps its place for so many times as long as it took to read. */
    private static final int REFUSED_WAITS = 3;

    final JsonFactory factory;
    private final Validator validator;

    private final ClassValue<RecordShape> shapes = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type, validator);
        }
    };

    /** First come, first served: who sends many large bodies waits, and small ones find a processor free. */
    private final Semaphore largeBodies;

    /**
     * Bodies nested at most {@code maxDepth} levels deep; of those over 64 KiB at most {@code largeBodies} are parsed at
     * once, or as many as half of the processors when that is 0.
     */
    public JsonBodies(Validator validator, int maxDepth, int largeBodies) {
        this.validator = validator;
        this.largeBodies = new Semaphore(
                largeBodies > 0 ? largeBodies : Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);
        this.factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .build())
                .build();
    }

    /**
     * The record that this text holds.
     *
     * @throws Problem with every error found
     */
    public <R extends Record> R read(Class<R> type, String text) {
        return read(type, text, Set.of());
    }

    /** Like {@link #read(Class, String)}, for an object that also has these members, which are left alone. */
    public <R extends Record> R read(Class<R> type, String text, Set<String> others) {
        return parse(text, (parser, errors) -> record(type, parser, "", errors, others, Map.of()));
    }

    /**
     * The records that this text holds, an array of them.
     *
     * @throws Problem with every error found
     */
    @SuppressWarnings("unchecked") // where an element is not of the type, an error says so and nothing is answered
    public <R extends Record> List<R> readAll(Class<R> type, String text) {
        return parse(text, (parser, errors) -> (List<R>) JsonValues.list(type, new Place(this, parser, "", errors)));
    }

    /** Those members of an object that are strings and have one of these names; the rest is left alone. */
    public Map<String, String> strings(String text, Set<String> names) {
        return parse(text, (parser, errors) -> {
            Map<String, String> found = new HashMap<>();
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                errors.add(new FieldError("", "must be an object"));
                parser.skipChildren();
                return found;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING && names.contains(name)) {
                    String value = parser.getString();
                    if (!JsonValues.isStorable(value)) {
                        tell(errors, "/" + FieldError.escape(name), JsonValues.NOT_STORABLE);
                    }
                    found.put(name, value);
                } else {
                    parser.skipChildren();
                }
            }
            return found;
        });
    }

    private interface Reading<T> {
        @Nullable
        T read(JsonParser parser, List<FieldError> errors);
    }

    private <T> T parse(String text, Reading<T> reading) {
        if (text.length() <= LARGE_CHARS) {
            return parseNow(text, reading);
        }
        largeBodies.acquireUninterruptibly();
        long start = System.nanoTime();
        try {
            return parseNow(text, reading);
        } catch (Problem refused) {
            // A flood of bad bodies pays in time of its own: it gets a quarter of these places' time, not all of it.
            LockSupport.parkNanos(REFUSED_WAITS * (System.nanoTime() - start));
            throw refused;
        } finally {
            largeBodies.release();
        }
    }

    private <T> T parseNow(String text, Reading<T> reading) {
        List<FieldError> errors = new ArrayList<>();
        T value = null;
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            value = reading.read(parser, errors);
            if (parser.nextToken() != null) {
                errors.add(new FieldError("", "something follows the end of the JSON object"));
            }
        } catch (StreamConstraintsException e) {
            String detail = "nested too deeply, or a name or a number is too long";
            errors.add(new FieldError("", detail + JsonValues.at(e.getLocation())));
        } catch (JacksonException e) {
            errors.add(new FieldError("", "not valid JSON" + JsonValues.at(e.getLocation())));
        }
        if (!errors.isEmpty() || value == null) {
            throw Problem.badRequest(errors);
        }
        return value;
    }

    /** Reads an object into a record; null when it could not be made, which an error tells. */
    <R extends Record> @Nullable R record(Class<R> type, JsonParser parser, String pointer, List<FieldError> errors) {
        return record(type, parser, pointer, errors, Set.of(), Map.of());
    }

    <R extends Record> @Nullable R record(
            Class<R> type,
            JsonParser parser,
            String pointer,
            List<FieldError> errors,
            Set<String> others,
            Map<String, Object> given) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            tell(errors, pointer, "must be an object");
            parser.skipChildren();
            return null;
        }
        int before = errors.size();
        RecordShape shape = shapes.get(type);
        List<String> names = shape.wireNames();
        @Nullable Object[] values = new @Nullable Object[names.size()];
        given.forEach((name, value) -> values[names.indexOf(name)] = value);
        Set<String> wrong = new HashSet<>();
        Set<String> seen = new HashSet<>(given.keySet());
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String place = pointer + "/" + FieldError.escape(name);
            int index = names.indexOf(name);
            parser.nextToken();
            int errorsBefore = errors.size();
            if (index < 0 && others.contains(name)) {
                parser.skipChildren();
            } else if (index < 0) {
                tell(errors, place, "unknown field; known are " + String.join(", ", names));
                parser.skipChildren();
            } else {
                values[index] =
                        JsonValues.read(shape.members().get(index).type(), new Place(this, parser, place, errors));
            }
            if (!seen.add(name)) {
                tell(errors, place, "given twice");
            }
            if (errors.size() > errorsBefore) {
                wrong.add(name);
            }
        }
        validate(type, values, wrong, pointer, errors);
        return errors.size() == before ? type.cast(shape.construct(values)) : null;
    }

    /** Where a value is being read, and where its errors go. */
    record Place(JsonBodies bodies, JsonParser parser, String pointer, List<FieldError> errors) {

        void refuse(String detail) {
            tell(errors, pointer, detail);
            parser.skipChildren();
        }

        Place below(String name) {
            return new Place(bodies, parser, pointer + "/" + FieldError.escape(name), errors);
        }
    }

    /** Adds an error; gives up on a body that has too many. */
    static void tell(List<FieldError> errors, String pointer, String detail) {
        errors.add(new FieldError(pointer, detail));
        if (errors.size() >= MAX_ERRORS) {
            throw Problem.badRequest(errors);
        }
    }

    private <R extends Record> void validate(
            Class<R> type, @Nullable Object[] values, Set<String> wrong, String pointer, List<FieldError> errors) {
        List<Member> members = shapes.get(type).members();
        for (int i = 0; i < values.length; i++) {
            Member member = members.get(i);
            if (!member.mayBeWrong(values[i]) || wrong.contains(member.wireName())) {
                continue;
            }
            for (ConstraintViolation<R> violation : validator.validateValue(type, member.name(), values[i])) {
                if (!fitsInCodePoints(violation)) {
                    tell(
                            errors,
                            pointer + "/" + member.wireName() + inside(violation.getPropertyPath()),
                            violation.getMessage());
                }
            }
        }
    }

    // Bean Validation counts UTF-16 units; people count characters, of which there are never more.
    private static boolean fitsInCodePoints(ConstraintViolation<?> violation) {
        return violation.getConstraintDescriptor().getAnnotation() instanceof Size size
                && violation.getInvalidValue() instanceof String text
                && text.length() >= size.min()
                && text.codePointCount(0, text.length()) <= size.max();
    }

    private static String inside(Path path) {
        StringBuilder pointer = new StringBuilder();
        for (Path.Node node : path) {
            if (node.getKey() != null) {
                pointer.append('/').append(FieldError.escape(node.getKey().toString()));
            } else if (node.getIndex() != null) {
                pointer.append('/').append(node.getIndex());
            }
        }
        return pointer.toString();
    }
}
