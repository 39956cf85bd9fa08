package io.runledger.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What holds for the runs of a target where they say nothing; labels are added to those of the run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunDefaults(
        @Nullable String queue,
        @Nullable Integer priority,
        @Nullable Duration timeout,
        @Nullable Integer maxAttempts,
        @Nullable Backoff backoff,
        @Nullable Concurrency concurrency,
        @Nullable Map<String, String> labels) {

    /** Nothing at all. */
    public static final RunDefaults NONE = new RunDefaults(null, null, null, null, null, null, null);
}
