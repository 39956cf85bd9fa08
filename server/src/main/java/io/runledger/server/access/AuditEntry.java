package io.runledger.server.access;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What an admin did, or attempts to come in that failed. */
public record AuditEntry(
        @Schema(description = "Goes up; entries are never changed")
        long position,

        String project,
        Instant at,

        @Schema(allowableValues = {AuditEntry.ADMIN_ACTION, AuditEntry.FAILED_AUTHENTICATION})
        String kind,

        @Schema(description = "Who it was; of a failed authentication, whose key was named") @Nullable
        String actor,

        @Schema(
                description =
                        "The call; of a failed authentication unknown_key, wrong_secret, revoked_key or expired_key")
        String what,

        @Schema(description = "How the call was answered") @Nullable
        Integer status,

        @Schema(description = "How often, in about a minute")
        long count,

        @Schema(description = "Where it came from") @Nullable
        String remote,

        @Nullable String requestId) {

    static final String ADMIN_ACTION = "admin_action";
    static final String FAILED_AUTHENTICATION = "failed_authentication";
}
