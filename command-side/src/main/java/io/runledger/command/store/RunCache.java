package io.runledger.command.store;

import io.runledger.api.RecentlyUsed;
import org.axonframework.common.Registration;
import org.axonframework.common.caching.Cache;
import org.jspecify.annotations.Nullable;

/**
 * Remembers folded runs, so that a command need not load thousands of events. Never trusted over the log: an append
 * checks the version, and whatever was decided without an append is confirmed against the log (ADR 4).
 */
public final class RunCache implements Cache {

    private final RecentlyUsed<Object, Object> runs;

    /** A cache of at most so many runs. */
    public RunCache(long maximumRuns) {
        this.runs = new RecentlyUsed<>(maximumRuns, _ -> 1);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <K, V> @Nullable V get(K key) {
        return (V) runs.get(key);
    }

    @Override
    public void put(Object key, Object value) {
        runs.put(key, value);
    }

    @Override
    public boolean putIfAbsent(Object key, Object value) {
        return runs.putIfAbsent(key, value);
    }

    @Override
    public boolean remove(Object key) {
        return runs.remove(key);
    }

    @Override
    public void removeAll() {
        runs.clear();
    }

    @Override
    public boolean containsKey(Object key) {
        return runs.get(key) != null;
    }

    // Axon listens to caches of sagas only; this one holds runs.
    @Override
    public Registration registerCacheEntryListener(EntryListener cacheEntryListener) {
        throw new UnsupportedOperationException("The run cache has no listeners.");
    }
}
