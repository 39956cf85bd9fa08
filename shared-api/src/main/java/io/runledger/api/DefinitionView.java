package io.runledger.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A definition as the API shows it.
 *
 * @param version goes up with every change, also with a deletion; its ETag
 * @param createdAt when the target got a definition that it did not have
 * @param updatedBy who changed it last
 */
public record DefinitionView(
        Target target,
        String kind,
        String name,
        int version,
        @Nullable Json inputSchema,
        List<String> stages,
        RunDefaults defaults,
        @Nullable Json tasks,
        @Nullable FailurePolicy onFailure,
        Instant createdAt,
        Instant updatedAt,
        String updatedBy) {}
