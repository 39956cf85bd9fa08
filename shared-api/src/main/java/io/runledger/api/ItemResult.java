package io.runledger.api;

import org.jspecify.annotations.Nullable;

/** How one item of a batch ended: with an output, or with an error. */
public record ItemResult(
        int index, @Nullable Json output, @Nullable RunError error) {}
