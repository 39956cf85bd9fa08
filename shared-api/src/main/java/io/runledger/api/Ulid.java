package io.runledger.api;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The 26-character spelling of a 128-bit id: Crockford's base 32, most significant bit first, so that text order is
 * bit order. Source of the format: the ULID specification (github.com/ulid/spec).
 */
public final class Ulid {

    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final byte[] VALUES = values();
    private static final int LENGTH = 26;
    private static final int UUID_LENGTH = 36;

    private Ulid() {}

    /** Writes the 26 characters. */
    public static String print(UUID id) {
        char[] text = new char[LENGTH];
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = ALPHABET[(int) (low & 31)];
            low = low >>> 5 | high << 59;
            high >>>= 5;
        }
        return new String(text);
    }

    /** Reads either spelling, in upper or lower case; null when the text is neither. */
    public static @Nullable UUID parse(String text) {
        return text.length() == UUID_LENGTH ? parseUuid(text) : parseUlid(text);
    }

    private static @Nullable UUID parseUlid(String text) {
        // 26 characters hold 130 bits: a first character above 7 would not fit into 128.
        if (text.length() != LENGTH || text.charAt(0) < '0' || text.charAt(0) > '7') {
            return null;
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            int value = c < VALUES.length ? VALUES[c] : -1;
            if (value < 0) {
                return null;
            }
            high = high << 5 | low >>> 59;
            low = low << 5 | value;
        }
        return new UUID(high, low);
    }

    private static @Nullable UUID parseUuid(String text) {
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = text.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : Character.digit(c, 16) < 0 || c > 'f') {
                return null;
            }
        }
        return UUID.fromString(text);
    }

    private static byte[] values() {
        byte[] values = new byte['z' + 1];
        java.util.Arrays.fill(values, (byte) -1);
        for (byte i = 0; i < ALPHABET.length; i++) {
            values[ALPHABET[i]] = i;
            values[Character.toLowerCase(ALPHABET[i])] = i;
        }
        return values;
    }
}
