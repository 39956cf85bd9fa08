package io.runledger.command.http;

import io.runledger.api.Backoff;
import io.runledger.api.Concurrency;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The options of runs, and of tasks, that have members of their own. */
final class OptionBodies {

    private OptionBodies() {}

    @Schema(name = "BackoffBody")
    record BackoffBody(
            @NotNull(message = "is required: how long to wait after the first failure, like PT30S")
            @Within(min = "PT0S", max = Bodies.LONGEST_WAIT)
            Duration initial,

            @DecimalMin("1") @DecimalMax("100") @Schema(description = "2 when absent") @Nullable
            Double factor,

            @Within(min = "PT0S", max = Bodies.LONGEST_WAIT) @Schema(description = "A day when absent") @Nullable
            Duration max) {

        static BackoffBody of(Backoff backoff) {
            return new BackoffBody(backoff.initial(), backoff.factor(), backoff.max());
        }

        Backoff backoff() {
            return new Backoff(initial, factor, max);
        }
    }

    @Schema(name = "ConcurrencyBody")
    record ConcurrencyBody(
            @NotNull(message = "is required: runs with the same key share the limit")
            @Size(min = 1, max = Bodies.MAX_KEY)
            String key,

            @NotNull(message = "is required: how many may be queued or running at once")
            @Min(1)
            @Max(Bodies.MAX_CONCURRENCY)
            Integer limit) {

        static ConcurrencyBody of(Concurrency concurrency) {
            return new ConcurrencyBody(concurrency.key(), concurrency.limit());
        }

        Concurrency concurrency() {
            return new Concurrency(key, limit);
        }
    }
}
