package io.runledger.server.security;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.runledger.api.Caller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The keys that open the ledger, known by their hashes only. */
public final class ApiKeys {

    static final String DEFAULT_PROJECT = "default";
    static final String FIRST_KEY = "first";

    /** How long an answer is believed, so that not every request asks the database. */
    private static final Duration MEMORY = Duration.ofSeconds(5);

    /** Wrong keys are remembered too; a guesser must not fill the memory. */
    private static final int REMEMBERED = 10_000;

    private final JdbcClient jdbc;
    private final LoadingCache<ByteBuffer, Optional<Caller>> callers = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .expireAfterWrite(MEMORY)
            .build(hash -> load(hash.array()));

    ApiKeys(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whose key this is; null when it is nobody's. */
    @Nullable
    Caller caller(String key) {
        return callers.get(ByteBuffer.wrap(hash(key))).orElse(null);
    }

    private Optional<Caller> load(byte[] hash) {
        return jdbc.sql("select project, 'key:' || id as actor from access.api_key where hash = ?")
                .param(hash)
                .query(Caller.class)
                .optional();
    }

    boolean hasFirstKey() {
        return jdbc.sql("select exists (select from access.api_key where id = ?)")
                .param(FIRST_KEY)
                .query(Boolean.class)
                .single();
    }

    /** Makes this the first admin key of the default project, in the place of the one before. */
    void putFirstKey(String key) {
        jdbc.sql("""
                        insert into access.api_key (id, project, role, hash) values (?, ?, 'admin', ?)
                        on conflict (id) do update set hash = excluded.hash where api_key.hash <> excluded.hash""").params(FIRST_KEY, DEFAULT_PROJECT, hash(key)).update();
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
