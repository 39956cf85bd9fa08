package io.runledger.server.access;

import io.runledger.api.EventHash;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** When keys were used last: kept in memory and written once a minute for all of them, so that no request pays for it. */
public final class KeyUses implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyUses.class);
    private static final long PAUSE_SECONDS = 60;

    private final JdbcClient jdbc;
    private final Map<String, Instant> last = new ConcurrentHashMap<>();
    private final ScheduledExecutorService writing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("key-uses").factory());

    KeyUses(JdbcClient jdbc) {
        this.jdbc = jdbc;
        var _ = writing.scheduleWithFixedDelay(this::write, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    void note(String id, Instant at) {
        last.put(id, at);
    }

    /** Writes what was noted since the last time; when the database cannot answer, it is written the next time. */
    public void write() {
        // In the order of their ids: two nodes must not wait for each other.
        Map<String, Instant> noted = new TreeMap<>(last);
        if (noted.isEmpty()) {
            return;
        }
        try {
            jdbc.sql("""
                            update access.api_key as key set last_used_at = used.at
                            from unnest(?::text[], ?::timestamptz[]) as used (id, at)
                            where key.id = used.id and (key.last_used_at is null or key.last_used_at < used.at)""")
                    .params(
                            noted.keySet().toArray(String[]::new),
                            noted.values().stream().map(EventHash::time).toArray(String[]::new))
                    .update();
            noted.forEach(last::remove);
        } catch (DataAccessException e) {
            LOG.debug("the uses of keys cannot be written", e);
        }
    }

    @Override
    public void close() {
        writing.shutdownNow();
        write();
    }
}
