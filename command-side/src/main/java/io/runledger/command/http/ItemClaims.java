package io.runledger.command.http;

import io.runledger.command.store.BatchInputs.Input;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The items that a worker got, under one lease; none when none is left that nobody holds. */
@Schema(name = "ItemClaims")
record ItemClaims(
        @Schema(description = "To be given back with every report; null without items") @Nullable
        String leaseToken,

        @Schema(description = "By the database's clock; every report renews the lease") @Nullable
        Instant leaseExpiresAt,

        List<Input> items) {}
