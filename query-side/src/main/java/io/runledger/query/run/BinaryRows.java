package io.runledger.query.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/**
 * Rows in the binary form of COPY, collected in memory: PostgreSQL need not parse what Java had to print. A row is its
 * number of columns, then each value after its length in bytes. Source: PostgreSQL's documentation, COPY, "Binary
 * Format"; how a value of a type looks is what its {@code recv} function reads.
 */
final class BinaryRows {

    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0};
    private static final int NULL = -1;
    private static final short END = -1;

    /** Of {@code jsonb}. */
    private static final byte FORM_VERSION = 1;

    /** 2000-01-01T00:00:00Z, from which PostgreSQL counts. */
    private static final long EPOCH_SECOND = 946_684_800;

    private static final int MICROS_OF_SECOND = 1_000_000;
    private static final int NANOS_OF_MICRO = 1_000;

    private ByteBuffer bytes;

    /**
     * Nothing but what stands before the first row.
     *
     * @param capacity of so many bytes; grows when it has to
     */
    BinaryRows(int capacity) {
        this.bytes = ByteBuffer.allocate(capacity);
        int flagsAndExtension = 2 * Integer.BYTES;
        room(SIGNATURE.length + flagsAndExtension).put(SIGNATURE).putInt(0).putInt(0);
    }

    /** Begins a row of so many columns. */
    void row(int columns) {
        room(Short.BYTES).putShort((short) columns);
    }

    /** What stands behind the last row. */
    void end() {
        room(Short.BYTES).putShort(END);
    }

    void nothing() {
        room(Integer.BYTES).putInt(NULL);
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        value(utf8.length).put(utf8);
    }

    /** As {@code jsonb}. */
    void json(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        value(1 + utf8.length).put(FORM_VERSION).put(utf8);
    }

    void integer(int value) {
        value(Integer.BYTES).putInt(value);
    }

    void bigint(long value) {
        value(Long.BYTES).putLong(value);
    }

    void number(double value) {
        value(Double.BYTES).putDouble(value);
    }

    void truth(boolean value) {
        value(1).put((byte) (value ? 1 : 0));
    }

    void uuid(UUID value) {
        value(2 * Long.BYTES).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    }

    /** As {@code timestamptz}, in whole microseconds; what is less is left out, as where times are written as text. */
    void time(Instant value) {
        long seconds = Math.subtractExact(value.getEpochSecond(), EPOCH_SECOND);
        bigint(Math.addExact(Math.multiplyExact(seconds, MICROS_OF_SECOND), value.getNano() / NANOS_OF_MICRO));
    }

    /** How many bytes are collected. */
    int size() {
        return bytes.position();
    }

    /** The bytes that are collected, up to {@link #size}. */
    byte[] array() {
        return bytes.array();
    }

    /** Begins anew, in the middle of the rows. */
    void clear() {
        bytes.clear();
    }

    private ByteBuffer value(int length) {
        return room(Integer.BYTES + length).putInt(length);
    }

    private ByteBuffer room(int length) {
        if (bytes.remaining() < length) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + length));
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }
}
