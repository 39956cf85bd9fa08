package io.runledger.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
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

    private static final byte[] NO_TIME = "0000-00-00T00:00:00.000000Z".getBytes(StandardCharsets.US_ASCII);

    /** Years with a sign or more digits. */
    private static final DateTimeFormatter DISTANT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private EventHash() {}

    /** The hash before a run's first event. */
    public static byte[] genesis() {
        return GENESIS.clone();
    }

    /** An instant as the chain and the API write it: RFC 3339 in UTC with exactly six decimals. */
    public static String time(Instant instant) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
        if (time.getYear() < 0 || time.getYear() > 9999) {
            return DISTANT.format(time);
        }
        byte[] text = NO_TIME.clone();
        write(time.getYear(), text, 4);
        write(time.getMonthValue(), text, 7);
        write(time.getDayOfMonth(), text, 10);
        write(time.getHour(), text, 13);
        write(time.getMinute(), text, 16);
        write(time.getSecond(), text, 19);
        write(time.getNano() / 1_000, text, 26);
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** Puts the digits of a number in front of this place, over zeros. */
    private static void write(int number, byte[] text, int end) {
        int place = end;
        for (int rest = number; rest > 0; rest /= 10) {
            place--;
            text[place] = (byte) ('0' + rest % 10);
        }
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
