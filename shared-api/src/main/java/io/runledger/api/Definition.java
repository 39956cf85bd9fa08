package io.runledger.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a target once instead of with each of its runs.
 *
 * @param inputSchema the JSON Schema (2020-12) that inputs must keep to; null when any will do
 * @param stages the stages that a run may name; empty when any will do
 * @param tasks what its runs are made of unless they say it themselves, as it was given; null when it is nothing
 * @param onFailure what becomes of the other tasks when one has failed; null for what is usual
 */
public record Definition(
        @Nullable Json inputSchema,
        List<String> stages,
        RunDefaults defaults,
        @Nullable Json tasks,
        @Nullable FailurePolicy onFailure) {}
