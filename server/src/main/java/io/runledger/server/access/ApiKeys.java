package io.runledger.server.access;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.runledger.api.Admission;
import io.runledger.api.Caller;
import io.runledger.query.signal.CommitSignal;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells whose key a secret is. What the database said of a key is believed for a moment, and forgotten as soon as any
 * node has changed the key, so nearly no request asks.
 */
public final class ApiKeys implements Admission {

    /** The id of the key that the settings, or the first start, put in place. */
    public static final String FIRST = "first";

    /** What a change of a key notifies, with its id. */
    static final String CHANNEL = "runledger_key";

    /**
     * Should the notification of a revocation be lost, the key holds for so long on other nodes. Open streams look once a
     * second more: together they stay under the five seconds that are promised.
     */
    static final Duration MEMORY = Duration.ofSeconds(3);

    /** Unknown ids are remembered too; a guesser must not fill the memory. */
    private static final int REMEMBERED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);

    private final JdbcClient jdbc;
    private final Clock clock;
    private final KeyUses uses;
    // Those who wait for one look share it, failed or not: one after the other they would each wait for a database that
    // gives no answer.
    private final AsyncLoadingCache<String, Optional<Stored>> known;

    ApiKeys(JdbcClient jdbc, Clock clock, KeyUses uses) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.uses = uses;
        this.known = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterWrite(MEMORY)
                .executor(Thread::startVirtualThread)
                .buildAsync(this::load);
    }

    /** What is to be known of a key to let its holder in. */
    private record Stored(
            String id,
            String project,
            String name,
            String role,
            byte[] hash,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt) {

        boolean holds(Instant now) {
            return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
        }

        KeyHolder holder() {
            Role known = Role.parse(role);
            if (known == null) {
                throw new IllegalStateException("key " + id + " has the role " + role);
            }
            return new KeyHolder(new Caller(project, Actor.of(id, name)), known);
        }
    }

    void listenTo(CommitSignal signal) {
        signal.onMessage(CHANNEL, id -> {
            if (id.isEmpty()) {
                known.synchronous().invalidateAll();
            } else {
                known.synchronous().invalidate(id);
            }
        });
    }

    /**
     * Whose key this is; null when it is nobody's, or holds no more.
     *
     * @throws DataAccessException when the database has to be asked and cannot answer
     */
    public @Nullable KeyHolder holder(String secret) {
        Secret sent = Secret.sent(secret);
        byte[] hash = sent.hash();
        String id = sent.id();
        Stored key = id == null ? null : opened(id, hash);
        // The operator's own first key may be any text.
        Stored opened = key == null && !FIRST.equals(id) ? opened(FIRST, hash) : key;
        if (opened == null) {
            return null;
        }
        Instant now = clock.instant();
        if (!opened.holds(now)) {
            return null;
        }
        uses.note(opened.id(), now);
        return opened.holder();
    }

    /**
     * Why this key did not open anything just now.
     *
     * @throws DataAccessException when the database has to be asked and cannot answer
     */
    public WrongKey wrong(String secret) {
        Secret sent = Secret.sent(secret);
        String id = sent.id();
        Stored key = id == null ? null : stored(id);
        if (key == null) {
            return new WrongKey(Projects.DEFAULT, null, "unknown_key");
        }
        String reason = "wrong_secret";
        if (MessageDigest.isEqual(key.hash(), sent.hash())) {
            reason = key.revokedAt() == null ? "expired_key" : "revoked_key";
        }
        return new WrongKey(key.project(), Actor.of(key.id(), key.name()), reason);
    }

    private @Nullable Stored stored(String id) {
        try {
            return known.get(id).join().orElse(null);
        } catch (CompletionException e) {
            throw e.getCause() instanceof DataAccessException away ? away : e;
        }
    }

    private @Nullable Stored opened(String id, byte[] hash) {
        Stored key = stored(id);
        return key != null && MessageDigest.isEqual(key.hash(), hash) ? key : null;
    }

    /** Believed while the database cannot answer: what was open then goes on, and opens nothing new. */
    @Override
    public boolean holds(Caller caller) {
        String id = Actor.keyOf(caller.actor());
        if (id == null) {
            return false;
        }
        try {
            Stored key = stored(id);
            return key != null && key.holds(clock.instant());
        } catch (DataAccessException e) {
            LOG.debug("key {} cannot be looked up", id, e);
            return true;
        }
    }

    private Optional<Stored> load(String id) {
        return jdbc.sql("select id, project, name, role, hash, expires_at, revoked_at from access.api_key where id = ?")
                .param(id)
                .query((row, _) -> new Stored(
                        row.getString("id"),
                        row.getString("project"),
                        row.getString("name"),
                        row.getString("role"),
                        row.getBytes("hash"),
                        Key.time(row, "expires_at"),
                        Key.time(row, "revoked_at")))
                .optional();
    }

    /** Whether a first key was ever put in place. */
    public boolean hasFirst() {
        return jdbc.sql("select exists (select from access.api_key where id = ?)")
                .param(FIRST)
                .query(Boolean.class)
                .single();
    }

    /** Makes this the first admin key of the default project, in the place of the one before, be that revoked or not. */
    public void putFirst(String secret) {
        jdbc.sql("""
                        insert into access.api_key (id, name, project, role, hash) values (?, ?, ?, 'admin', ?)
                        on conflict (id) do update set hash = excluded.hash, revoked_at = null, revoked_by = null
                        where api_key.hash <> excluded.hash""")
                .params(FIRST, FIRST, Projects.DEFAULT, Secret.sent(secret).hash())
                .update();
        known.synchronous().invalidate(FIRST);
    }

    /** Has this node ask again at once. */
    void forget(String id) {
        known.synchronous().invalidate(id);
    }
}
