package io.runledger.command.http;

import io.runledger.api.RunView;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The runs that a worker got; none when there were none in time. */
@Schema(name = "Claims")
record Claims(List<Claim> claims) {

    /** A run with the lease that its worker holds. */
    @Schema(name = "Claim")
    record Claim(
            RunView run,

            @Schema(description = "To be given back with every report") @Nullable
            String leaseToken,

            @Schema(description = "By the database's clock; null when it is over already") @Nullable
            Instant leaseExpiresAt,

            int attempt) {}
}
