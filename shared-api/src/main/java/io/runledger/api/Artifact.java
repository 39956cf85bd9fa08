package io.runledger.api;

import org.jspecify.annotations.Nullable;

/** A named reference to bytes that are kept elsewhere; {@code size} in bytes, {@code sha256} in lower hex. */
public record Artifact(
        String name,
        @Nullable String mediaType,
        @Nullable String url,
        @Nullable Long size,
        @Nullable String sha256) {}
