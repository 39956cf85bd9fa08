package io.runledger.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One task of a plan: a run that will be made when its turn has come. What is null holds as for any run of its target.
 *
 * @param key its name, unique in the plan
 * @param input with references to what is known when its turn has come, as it was given
 * @param dependsOn the keys of the tasks that must have succeeded before
 * @param condition in CEL; the task is skipped when it is false
 * @param optional whether the run may be a partial success when it fails
 * @param ttl it fails unless it was started so long after its turn came
 * @param carried the run that did this task before, whose success is taken over instead of running it
 */
public record PlannedTask(
        String key,
        Target target,
        @Nullable String name,
        @Nullable Json input,
        @Nullable Json config,
        @Nullable Map<String, String> labels,
        @Nullable Json metadata,
        @Nullable List<String> dependsOn,
        @Nullable String condition,
        @Nullable Boolean optional,
        @Nullable String queue,
        @Nullable Integer priority,
        @Nullable Integer maxAttempts,
        @Nullable Backoff backoff,
        @Nullable Duration timeout,
        @Nullable Duration ttl,
        @Nullable Concurrency concurrency,
        @Nullable RunId carried) {

    /** The keys of the tasks that must have succeeded before; empty when there are none. */
    public List<String> needs() {
        return dependsOn == null ? List.of() : dependsOn;
    }

    /** Whether the run may be a partial success when this task fails. */
    public boolean mayFail() {
        return Boolean.TRUE.equals(optional);
    }

    /** The same task, done before by this run; null: to be done. */
    public PlannedTask carriedFrom(@Nullable RunId run) {
        return new PlannedTask(
                key,
                target,
                name,
                input,
                config,
                labels,
                metadata,
                dependsOn,
                condition,
                optional,
                queue,
                priority,
                maxAttempts,
                backoff,
                timeout,
                ttl,
                concurrency,
                run);
    }
}
