package io.runledger.api;

/** One thing that is wrong with an input; {@code pointer} is its JSON Pointer (RFC 6901), or a parameter's name. */
public record FieldError(String pointer, String detail) {}
