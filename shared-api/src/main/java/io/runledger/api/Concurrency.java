package io.runledger.api;

/** Of the runs of a project with this key, at most {@code limit} are queued or running at once; the others are blocked. */
public record Concurrency(String key, int limit) {}
