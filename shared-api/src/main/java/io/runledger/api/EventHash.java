package io.runledger.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The chain that makes a run's history tamper-evident: each event's hash covers the hash before it and every byte that
 * the ledger stored. Format and test vectors: docs/hash-chain.md.
 */
public final class EventHash {

    /** What stands before the first event of a run: 32 zero bytes. */
    private static final byte[] GENESIS = new byte[32];

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

    /** A second, and what stands before its decimals. */
    private record Second(long epoch, String text) {}

    /** Most times that are written are now, and each several times. */
    private static volatile Second last = new Second(0, SECONDS.format(Instant.EPOCH));

    private EventHash() {}

    /** The hash before a run's first event. */
    public static byte[] genesis() {
        return GENESIS.clone();
    }

    /** An instant as the chain and the API write it: RFC 3339 in UTC with exactly six decimals. */
    public static String time(Instant instant) {
        Second second = last;
        if (second.epoch() != instant.getEpochSecond()) {
            second = new Second(instant.getEpochSecond(), SECONDS.format(instant));
            last = second;
        }
        // The one in front gives way to the zeros that it kept.
        String micros = Integer.toString(1_000_000 + instant.getNano() / 1_000);
        return second.text() + micros.substring(1) + 'Z';
    }

    /**
     * SHA-256 over the previous hash (32 bytes) and the fields as netstrings: decimal length in UTF-8 bytes, a colon,
     * the bytes, a comma. Netstrings leave no two different events with the same bytes. An absent field is empty.
     */
    public static byte[] next(byte[] previous, StoredEvent event) {
        MessageDigest digest = sha256();
        digest.update(previous);
        field(digest, event.id());
        field(digest, event.project());
        field(digest, event.runId().toString());
        field(digest, Long.toString(event.sequence()));
        field(digest, event.type());
        field(digest, Integer.toString(event.version()));
        field(digest, time(event.occurredAt()));
        field(digest, time(event.recordedAt()));
        field(digest, event.actor());
        field(digest, event.correlationId());
        field(digest, event.causationId());
        field(digest, event.commandId());
        field(digest, event.payload().text());
        return digest.digest();
    }

    private static void field(MessageDigest digest, @Nullable String value) {
        byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
        digest.update((byte) ',');
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
