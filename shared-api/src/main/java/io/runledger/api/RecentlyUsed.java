package io.runledger.api;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A bounded memory that forgets what was used least recently; safe for any number of threads. A run is worked on for a
 * while and then rests for ever, so how often others were used says nothing of it: a cache that keeps what was used
 * often (as Caffeine does, Einziger et al., "TinyLFU", 2017) turned away the newest runs once it was full.
 *
 * @param <K> by what values are found
 * @param <V> what is remembered
 */
public final class RecentlyUsed<K, V> {

    private final Map<K, Weighed<V>> values = new LinkedHashMap<>(16, 0.75f, true);
    private final long most;
    private final ToLongFunction<V> weight;
    private long all;

    private record Weighed<V>(V value, long weight) {}

    /**
     * An empty memory.
     *
     * @param most the sum of weights that it may hold
     * @param weight of a value, asked for once, when the value is put in
     */
    public RecentlyUsed(long most, ToLongFunction<V> weight) {
        this.most = most;
        this.weight = weight;
    }

    /** The value of this key, which is used by this; null when there is none. */
    public synchronized @Nullable V get(K key) {
        Weighed<V> found = values.get(key);
        return found == null ? null : found.value();
    }

    /** Remembers the value, weighed anew, and forgets others for it. */
    public void put(K key, V value) {
        Weighed<V> weighed = new Weighed<>(value, weight.applyAsLong(value));
        synchronized (this) {
            all += weighed.weight() - weight(values.put(key, weighed));
            Iterator<Weighed<V>> eldest = values.values().iterator();
            while (all > most) {
                all -= eldest.next().weight();
                eldest.remove();
            }
        }
    }

    /** Remembers the value if there is none yet; whether it did. */
    public synchronized boolean putIfAbsent(K key, V value) {
        if (values.containsKey(key)) {
            return false;
        }
        put(key, value);
        return true;
    }

    /** Forgets the value of this key; whether there was one. */
    public synchronized boolean remove(K key) {
        Weighed<V> removed = values.remove(key);
        all -= weight(removed);
        return removed != null;
    }

    /** Forgets everything. */
    public synchronized void clear() {
        values.clear();
        all = 0;
    }

    private static long weight(@Nullable Weighed<?> weighed) {
        return weighed == null ? 0 : weighed.weight();
    }
}
