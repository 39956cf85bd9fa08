package io.runledger.command.http;

import io.runledger.api.RunId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which run a key means within one stream, where the run may still be on its way to the store. Remembers the keys used
 * last; older ones are long written and can be looked up.
 */
final class StreamKeys {

    private static final int REMEMBERED = 10_000;

    private final Map<String, RunId> runs = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RunId> eldest) {
            return size() > REMEMBERED;
        }
    };

    @Nullable
    RunId get(String key) {
        return runs.get(key);
    }

    void put(String key, RunId id) {
        runs.put(key, id);
    }
}
