package io.runledger.server.access;

import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A key as the API shows it: everything but what opens the ledger. */
public record Key(
        @Schema(description = "Part of the key, and of the actor of its events: key:ID/NAME")
        String id,

        @Schema(description = "The slug of its project") String project,
        String name,

        @Schema(allowableValues = {"viewer", "operator", "worker", "admin"})
        String role,

        Instant createdAt,

        @Schema(description = "The actor who made it") String createdBy,

        @Schema(description = "From then on it opens nothing") @Nullable
        Instant expiresAt,

        @Nullable Instant revokedAt,
        @Nullable String revokedBy,

        @Schema(description = "Noted about once a minute") @Nullable
        Instant lastUsedAt) {

    static final String COLUMNS =
            "id, project, name, role, created_at, created_by, expires_at, revoked_at, revoked_by, last_used_at";

    static Key read(ResultSet row) throws SQLException {
        return new Key(
                row.getString("id"),
                row.getString("project"),
                row.getString("name"),
                row.getString("role"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                time(row, "expires_at"),
                time(row, "revoked_at"),
                row.getString("revoked_by"),
                time(row, "last_used_at"));
    }

    static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
