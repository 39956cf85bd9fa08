package io.runledger.server.access;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/** A project as the API shows it. */
public record Project(
        @Schema(description = "ULID") String id,

        @Schema(description = "Its name in events and everywhere; it never changes")
        String slug,

        @Schema(description = "Whether every target of its new runs must have a definition")
        boolean requireDefinitions,

        Instant createdAt,

        @Schema(description = "The actor who made it") String createdBy) {}
