package io.runledger.server.access;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What may be said about projects and keys, and what a new key is answered with. */
final class AccessBodies {

    private static final String SLUG = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String ROLES = "viewer|operator|worker|admin";
    private static final int LONGEST_REFERENCE = 63;

    private AccessBodies() {}

    @Schema(name = "CreateProject")
    record NewProject(
            @NotNull(message = "is required: the project's name in events and everywhere, for ever")
            @Pattern(regexp = SLUG, message = "must be 1 to 63 lower-case letters, digits and dashes, no dash first")
            @Schema(example = "billing")
            String slug,

            @Schema(description = "Whether every target of its new runs must have a definition; not when absent")
            @Nullable
            Boolean requireDefinitions) {}

    @Schema(name = "ChangeProject")
    record ChangedProject(
            @NotNull(message = "is required: true or false")
            @Schema(description = "Whether every target of its new runs must have a definition; runs that exist go on")
            Boolean requireDefinitions) {}

    @Schema(name = "CreateKey")
    record NewKey(
            @NotNull(message = "is required: who or what will use the key; it stands in the events")
            @Pattern(
                    regexp = NAME,
                    message = "must be 1 to 63 letters, digits, dots, dashes and underscores, a letter or digit first")
            @Schema(example = "nightly-import")
            String name,

            @NotNull(message = "is required: viewer, operator, worker or admin")
            @Pattern(regexp = ROLES, message = "must be viewer, operator, worker or admin")
            String role,

            @Size(min = 1, max = LONGEST_REFERENCE)
            @Schema(
                    description =
                            "The project's id or slug; the caller's own when absent. Another one can be named with"
                                    + " admin keys of the project default only")
            @Nullable
            String project,

            @Schema(description = "From then on the key opens nothing; never when absent") @Nullable
            Instant expiresAt) {}

    @Schema(name = "CreatedKey")
    record CreatedKey(
            @JsonUnwrapped Key details,

            @Schema(description = "The key itself, rl_ID_SECRET; it is shown this once and kept nowhere")
            String key) {

        @Override
        public String toString() {
            return details.toString();
        }
    }
}
