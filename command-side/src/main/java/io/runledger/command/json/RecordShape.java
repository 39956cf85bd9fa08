package io.runledger.command.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.Validator;
import jakarta.validation.metadata.BeanDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What reflection tells about a record, asked once: every member of every body is looked up here. */
final class RecordShape {

    /**
     * A component: its name in Java and on the wire, its type, and whether there are rules for a value, and for there being
     * none.
     */
    record Member(String name, String wireName, Type type, boolean constrained, boolean required) {

        /** Most members of most bodies are not given, and few must be. */
        boolean mayBeWrong(@Nullable Object value) {
            return value == null ? required : constrained;
        }
    }

    private final List<Member> members = new ArrayList<>();
    private final List<String> wireNames;
    private final Constructor<?> constructor;

    RecordShape(Class<?> type, Validator validator) {
        BeanDescriptor constraints = validator.getConstraintsForClass(type);
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            types[i] = components[i].getType();
            members.add(new Member(
                    name,
                    wireName(components[i]),
                    components[i].getGenericType(),
                    constraints.getConstraintsForProperty(name) != null,
                    constraints.getConstraintsForProperty(name) != null
                            && !validator.validateValue(type, name, null).isEmpty()));
        }
        this.wireNames = members.stream().map(Member::wireName).toList();
        try {
            this.constructor = type.getDeclaredConstructor(types);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " is no record", e);
        }
        this.constructor.setAccessible(true);
    }

    /** A name that Java does not allow is given by an annotation. */
    private static String wireName(RecordComponent component) {
        JsonProperty given = component.getAccessor().getAnnotation(JsonProperty.class);
        return given == null ? wireName(component.getName()) : given.value();
    }

    private static String wireName(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    List<Member> members() {
        return members;
    }

    /** The members' names on the wire. */
    List<String> wireNames() {
        return wireNames;
    }

    /** The record with these values, one for each member. */
    Object construct(@Nullable Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(constructor + " cannot take its values", e);
        }
    }
}
