package io.runledger.query.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes cursors of places in a list and reads them back. A cursor is signed together with the query it belongs to, so it
 * fits no other query and no other project, and its inside is nobody's to rely on.
 */
public final class Cursors {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE_BYTES = 16;

    private final SecretKeySpec key;

    /** Cursors signed with this secret, which all nodes share. */
    public Cursors(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** The cursor of this place in the list that answers this query. */
    public String print(String query, String place) {
        byte[] bytes = place.getBytes(StandardCharsets.UTF_8);
        byte[] signature = signature(query, bytes);
        byte[] cursor = Arrays.copyOf(signature, SIGNATURE_BYTES + bytes.length);
        System.arraycopy(bytes, 0, cursor, SIGNATURE_BYTES, bytes.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor);
    }

    /** The place that a cursor of this query stands for; null for any other text. */
    public @Nullable String read(String query, String cursor) {
        byte[] bytes = decode(cursor);
        if (bytes == null || bytes.length < SIGNATURE_BYTES) {
            return null;
        }
        byte[] place = Arrays.copyOfRange(bytes, SIGNATURE_BYTES, bytes.length);
        byte[] given = Arrays.copyOf(bytes, SIGNATURE_BYTES);
        return MessageDigest.isEqual(signature(query, place), given) ? new String(place, StandardCharsets.UTF_8) : null;
    }

    private static byte @Nullable [] decode(String cursor) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            // The decoder overlooks padding and surplus bits: only the one spelling that we print is ours.
            String printed = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            return printed.equals(cursor) ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private byte[] signature(String query, byte[] place) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            byte[] bytes = query.getBytes(StandardCharsets.UTF_8);
            // The length in front keeps the two parts apart.
            mac.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            mac.update(bytes);
            mac.update(place);
            return Arrays.copyOf(mac.doFinal(), SIGNATURE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
