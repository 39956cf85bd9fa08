package io.runledger.api;

/** Asks for the definition of a target; answered with a {@link DefinitionView}. */
public record FindDefinition(String project, Target target) {}
