package io.runledger.api;

/** Asks for one run of a project as it is after every command acknowledged so far; answered with a {@link RunView}. */
public record FindRun(String project, RunId runId) {}
