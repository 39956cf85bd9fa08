package io.runledger.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A refusal: thrown anywhere on the way, shown to the caller as a problem document (RFC 9457). */
public class Problem extends RuntimeException {

    /** The request attribute under which the code of the problem stands that a request was answered with. */
    public static final String CODE_ATTRIBUTE = "io.runledger.problem";

    private static final long serialVersionUID = 1L;

    private final ProblemCode code;
    private final transient List<FieldError> errors;
    private final transient Map<String, Object> facts;

    /**
     * @param detail what is wrong and what to do next, for people
     * @param errors what is wrong with which part of the input; may be empty
     * @param facts further members of the problem document; may be empty
     */
    public Problem(ProblemCode code, String detail, List<FieldError> errors, Map<String, Object> facts) {
        super(detail, null, false, false);
        this.code = code;
        this.errors = List.copyOf(errors);
        this.facts = Map.copyOf(facts);
    }

    public Problem(ProblemCode code, String detail) {
        this(code, detail, List.of(), Map.of());
    }

    /** A bad input, with everything that is wrong with it. */
    public static Problem badRequest(List<FieldError> errors) {
        FieldError first = errors.getFirst();
        String place = first.pointer().isEmpty() ? "The body" : first.pointer();
        String detail =
                errors.size() == 1 ? place + ": " + first.detail() : errors.size() + " things are wrong, see errors";
        return new Problem(ProblemCode.BAD_REQUEST, detail, errors, Map.of());
    }

    /** A bad input with one thing wrong. */
    public static Problem badRequest(String pointer, String detail) {
        return badRequest(List.of(new FieldError(pointer, detail)));
    }

    /** What to say of a run that does not exist, or belongs to another project: the two look the same. */
    public static Problem noSuchRun(String reference) {
        return new Problem(ProblemCode.NOT_FOUND, "There is no run " + reference + " in this project.");
    }

    /** What to say of a target that the project has no definition of. */
    public static Problem noSuchDefinition(Target target) {
        return new Problem(ProblemCode.NOT_FOUND, "There is no definition of " + target + " in this project.");
    }

    /** The members of the problem document (RFC 9457), in the order to show them; {@code instance} is the request's path. */
    public Map<String, Object> document(String instance) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "urn:runledger:problem:" + code.wireName());
        document.put("title", code.title());
        document.put("status", code.status());
        document.put("detail", String.valueOf(getMessage()));
        document.put("instance", instance);
        document.put("code", code.wireName());
        if (!errors.isEmpty()) {
            document.put("errors", errors);
        }
        document.putAll(facts);
        return document;
    }

    public ProblemCode code() {
        return code;
    }

    public List<FieldError> errors() {
        return errors;
    }

    public Map<String, Object> facts() {
        return facts;
    }
}
