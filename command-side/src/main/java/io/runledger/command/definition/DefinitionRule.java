package io.runledger.command.definition;

/** Says whether a project takes runs of targets without a definition. */
@FunctionalInterface
public interface DefinitionRule {

    /** Whether every target of the project's new runs must have a definition. */
    boolean isRequired(String project);
}
