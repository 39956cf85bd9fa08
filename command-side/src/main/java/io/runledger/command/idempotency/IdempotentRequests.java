package io.runledger.command.idempotency;

import io.runledger.command.store.RunIds;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Remembers requests by their Idempotency-Keys. Whoever claims a key first carries the request out and holds the claim
 * while it lasts; when its node dies, the next one who asks goes on under the same id, which the store knows by then if
 * there was an effect.
 */
public final class IdempotentRequests implements AutoCloseable {

    /** A claim that nobody prolongs may be taken over after so long. */
    private static final int HOLD_SECONDS = 5;

    private static final int PROLONG_SECONDS = 1;
    private static final int CLEANING_MINUTES = 10;
    private static final int CLEANED_AT_ONCE = 1_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(160);

    private static final Logger LOG = LoggerFactory.getLogger(IdempotentRequests.class);

    // It need not be on the disk before the events are, and they take it along: the log is written in order.
    private static final String CLAIM = """
            with unhurried as materialized (select set_config('synchronous_commit', 'off', true))
            insert into ledger.idempotent_request as known (project, key, id, request, held_until)
            select :project, :key, :id, :request, now() + make_interval(secs => :hold) from unhurried
            on conflict (project, key) do update set held_until = excluded.held_until
            where known.status is null and known.held_until < now() and known.request = excluded.request
            returning id""";

    private final JdbcClient jdbc;
    private final RunIds ids;
    private final IdempotencySettings settings;
    private final Set<UUID> held = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService upkeep = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("idempotency").factory());

    public IdempotentRequests(JdbcClient jdbc, RunIds ids, IdempotencySettings settings) {
        this.jdbc = jdbc;
        this.ids = ids;
        this.settings = settings;
        var _ = upkeep.scheduleWithFixedDelay(this::prolong, PROLONG_SECONDS, PROLONG_SECONDS, TimeUnit.SECONDS);
        var _ = upkeep.scheduleWithFixedDelay(
                () -> quietly(this::clean), CLEANING_MINUTES, CLEANING_MINUTES, TimeUnit.MINUTES);
    }

    /**
     * Claims the key for this request; waits while somebody else is at it, as long as the settings allow. A claim that
     * is the caller's is to be ended with {@link #answer} or {@link #release}.
     *
     * @param request the SHA-256 of what is asked
     */
    public Claim claim(String project, String key, byte[] request) {
        long deadline = System.nanoTime() + settings.patience().toNanos();
        Duration pause = FIRST_PAUSE;
        Claim claim = tryClaim(project, key, request);
        while (claim instanceof Claim.UnderWay && System.nanoTime() < deadline) {
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
            claim = tryClaim(project, key, request);
        }
        return claim;
    }

    private Claim tryClaim(String project, String key, byte[] request) {
        Optional<Claim.Mine> mine = jdbc.sql(CLAIM)
                .param("project", project)
                .param("key", key)
                .param("id", ids.next().value())
                .param("request", request)
                .param("hold", HOLD_SECONDS)
                .query(UUID.class)
                .optional()
                .map(Claim.Mine::new);
        mine.ifPresent(claim -> held.add(claim.id()));
        return mine.isPresent() ? mine.get() : known(project, key, request);
    }

    private Claim known(String project, String key, byte[] request) {
        return jdbc.sql("""
                        select id, request = :request as same, created_at <= now() - make_interval(secs => :kept) as old,
                            status, headers, body
                        from ledger.idempotent_request where project = :project and key = :key""")
                .param("project", project)
                .param("key", key)
                .param("request", request)
                .param("kept", settings.kept().toSeconds())
                .query((row, _) -> {
                    UUID id = row.getObject("id", UUID.class);
                    if (row.getBoolean("old")) {
                        forget(id);
                        return new Claim.UnderWay();
                    }
                    if (!row.getBoolean("same")) {
                        return new Claim.OtherRequest();
                    }
                    Integer status = row.getObject("status", Integer.class);
                    return status == null
                            ? new Claim.UnderWay()
                            : new Claim.Answered(id, status, row.getString("headers"), row.getBytes("body"));
                })
                .optional()
                // Released a moment ago.
                .orElseGet(Claim.UnderWay::new);
    }

    /** Keeps the answer to a claimed request, for whoever asks again. */
    public void answer(UUID id, int status, String headers, byte @Nullable [] body) {
        jdbc.sql("update ledger.idempotent_request set status = ?, headers = ?, body = ? where id = ?")
                .params(status, headers)
                .param(body)
                .param(id)
                .update();
        held.remove(id);
    }

    /** Gives the key free: nothing was decided, and the request may be sent again, or another one. */
    public void release(UUID id) {
        forget(id);
        held.remove(id);
    }

    /** Lets go of a claim of which nobody knows what came of it: who asks again finds out. */
    public void abandon(UUID id) {
        held.remove(id);
    }

    private void forget(UUID id) {
        jdbc.sql("delete from ledger.idempotent_request where id = ?").param(id).update();
    }

    private void prolong() {
        UUID[] ofThisNode = held.toArray(UUID[]::new);
        if (ofThisNode.length > 0) {
            quietly(() -> jdbc.sql("""
                            update ledger.idempotent_request set held_until = now() + make_interval(secs => ?)
                            where id = any(?) and status is null""").params(HOLD_SECONDS, ofThisNode).update());
        }
    }

    /** Forgets what is older than the settings say. */
    public void clean() {
        int cleaned;
        do {
            cleaned = jdbc.sql("""
                            delete from ledger.idempotent_request where id in (
                                select id from ledger.idempotent_request
                                where created_at <= now() - make_interval(secs => ?) limit ? for update skip locked)""")
                    .params(settings.kept().toSeconds(), CLEANED_AT_ONCE)
                    .update();
        } while (cleaned == CLEANED_AT_ONCE);
    }

    /** What is not done now is done the next time. */
    private static void quietly(Runnable upkeep) {
        try {
            upkeep.run();
        } catch (DataAccessException e) {
            LOG.debug("the upkeep of idempotent requests waits for the database", e);
        }
    }

    @Override
    public void close() {
        upkeep.shutdownNow();
    }
}
