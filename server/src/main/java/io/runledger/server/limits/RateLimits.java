package io.runledger.server.limits;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.runledger.api.Caller;
import java.time.Duration;

/**
 * Counts the requests of keys and projects in buckets that refill evenly: a second's worth may come at once. The buckets
 * are this node's own, so nothing is asked of the database, and new settings hold from the start.
 */
public final class RateLimits {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Forgotten, a bucket is full again, as it would be after a second without requests. */
    private static final Duration MEMORY = Duration.ofMinutes(1);

    private static final int REMEMBERED = 100_000;

    private final RateLimitSettings settings;
    private final TimeMeter time;
    private final LoadingCache<Scope, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .expireAfterAccess(MEMORY)
            .build(this::bucket);

    RateLimits(RateLimitSettings settings, TimeMeter time) {
        this.settings = settings;
        this.time = time;
    }

    /** Whose requests of which kind: {@code name} is a key's actor, or a project. */
    private record Scope(boolean ofKey, String name, Traffic traffic) {}

    /**
     * What came of one request, by the limit that leaves the least.
     *
     * @param policy the limit's name, like {@code key-reading}
     * @param remaining how many requests may follow at once
     * @param waitNanos after so long the next one is let in; 0 when this one was
     */
    record Verdict(String policy, int quota, long remaining, long waitNanos) {

        boolean isRefused() {
            return waitNanos > 0;
        }
    }

    private Bucket bucket(Scope scope) {
        int quota = quota(scope);
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(quota).refillGreedy(quota, SECOND))
                .withCustomTimePrecision(time)
                .build();
    }

    private int quota(Scope scope) {
        return (scope.ofKey() ? settings.perKey() : settings.perProject()).of(scope.traffic());
    }

    /** Counts a request; one that is refused counts for nobody. */
    Verdict count(Caller caller, Traffic traffic) {
        Scope key = new Scope(true, caller.actor(), traffic);
        Scope project = new Scope(false, caller.project(), traffic);
        Verdict ofKey = count(key);
        if (ofKey.isRefused()) {
            return ofKey;
        }
        Verdict ofProject = count(project);
        if (ofProject.isRefused()) {
            buckets.get(key).addTokens(1);
        }
        return ofProject.isRefused() || ofProject.remaining() < ofKey.remaining() ? ofProject : ofKey;
    }

    private Verdict count(Scope scope) {
        ConsumptionProbe probe = buckets.get(scope).tryConsumeAndReturnRemaining(1);
        String policy = (scope.ofKey() ? "key-" : "project-") + scope.traffic().wireName();
        long wait = probe.isConsumed() ? 0 : Math.max(1, probe.getNanosToWaitForRefill());
        return new Verdict(policy, quota(scope), probe.getRemainingTokens(), wait);
    }
}
