package io.runledger.server;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What can be set; application.yaml says by which environment variables, and what holds when nothing is set.
 *
 * @param dataDir where the ledger keeps its own PostgreSQL and its first key
 * @param apiKey the first admin key of the project {@code default}; made at the first start when empty
 */
@ConfigurationProperties("runledger")
public record LedgerSettings(
        Path dataDir,
        @Nullable String apiKey,
        Database database,
        Limits limits,
        Streams streams,
        Work work,
        Definitions definitions,
        Operations operations,
        Tasks tasks,
        Idempotency idempotency,
        RateLimits rateLimits,
        Checkpoints checkpoints) {

    /**
     * The PostgreSQL to use.
     *
     * @param url of a PostgreSQL of yours; the ledger brings its own when empty
     * @param connections at most so many at once
     * @param connectionTimeout how long a request waits for a connection before it is answered 503
     * @param statementTimeout how long one statement may take
     * @param startTimeout how long to wait at the start for a PostgreSQL that is not there yet
     */
    public record Database(
            @Nullable String url,
            @Nullable String user,
            @Nullable String password,
            int connections,
            Duration connectionTimeout,
            Duration statementTimeout,
            Duration startTimeout) {}

    /**
     * How much one request may ask for; see {@link io.runledger.command.http.HttpLimits}.
     *
     * @param streams of events that may be open at once on this node
     * @param waitingCallers who may wait for runs to end at once on this node
     * @param bodySilence a caller that sends nothing of a body it has begun for so long loses the connection; who gives
     *     commands while it reads their answers may well be quiet for a while
     */
    public record Limits(
            int bodyBytes,
            long batchBytes,
            int batches,
            int jsonDepth,
            int largeBodies,
            int streamInFlight,
            int streamParallel,
            int streams,
            int waitSeconds,
            int waitingCallers,
            int logLines,
            Duration bodySilence) {}

    /** How work is handed out and times are kept; see {@link io.runledger.command.work.WorkSettings}. */
    public record Work(Duration tick, int waitingClaims) {}

    /** How much definitions may take; see {@link io.runledger.command.definition.DefinitionLimits}. */
    public record Definitions(
            int perProject,
            int schemaBytes,
            int patternSize,
            int schemaSteps,
            int schemaDepth,
            Duration batchTime,
            long cacheBytes) {}

    /** What bulk operations may do; see {@link io.runledger.command.operation.OperationSettings}. */
    public record Operations(long runs, int underWay, int page, int parallel) {}

    /** How much runs made of tasks may take; see {@link io.runledger.command.task.TaskSettings}. */
    public record Tasks(
            int perRun,
            int conditionChars,
            int conditionSteps,
            int inputChars,
            long outputBytes,
            int parallel,
            Duration pause) {}

    /** How long Idempotency-Keys count; see {@link io.runledger.command.idempotency.IdempotencySettings}. */
    public record Idempotency(Duration kept, Duration patience) {}

    /**
     * How many requests a second each node answers.
     *
     * @param enabled whether there is any limit at all
     */
    public record RateLimits(boolean enabled, Rates perKey, Rates perProject) {}

    /** Requests a second: that read, that write, and that begin a stream. */
    public record Rates(int reading, int writing, int streaming) {}

    /**
     * How the record is signed and gone through.
     *
     * @param key the Ed25519 private key (PKCS#8, PEM) that signs checkpoints; made at the first start when empty
     * @param interval how often what is new is signed
     * @param pagePositions so many positions of the ledger one request to verify goes through
     * @param sweepPositions so many positions are gone through again in each interval
     * @param parallel so many requests to verify at once on this node
     */
    public record Checkpoints(
            @Nullable String key, Duration interval, long pagePositions, long sweepPositions, int parallel) {}

    /** How streams of events behave; see {@link io.runledger.query.event.StreamSettings}. */
    public record Streams(Duration heartbeat, Duration patience, int tailEvents, int tailBytes) {}
}
