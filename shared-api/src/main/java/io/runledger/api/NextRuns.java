package io.runledger.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some runs that a filter wanted; perhaps none, and yet there are others.
 *
 * @param upTo the run up to which all were looked at, wanted or not; null when there are no more
 */
public record NextRuns(List<RunId> runs, @Nullable RunId upTo) {}
