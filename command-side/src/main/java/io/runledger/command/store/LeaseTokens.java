package io.runledger.command.store;

import io.runledger.api.RunId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Lease tokens: the fencing number of an attempt, signed, so that only who was given it can hold it. Form:
 * {@code number.signature}, the signature being 16 bytes of HMAC-SHA256 over run and number, in base64url.
 */
public final class LeaseTokens {

    /** A fencing number that no attempt has: what a token that is not ours stands for. */
    public static final long FORGED = -1;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE_BYTES = 16;

    private final SecretKeySpec key;

    /** Tokens signed with this secret, which all nodes share. */
    public LeaseTokens(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** The token of this attempt; null for an attempt that is not leased. */
    public @Nullable String print(RunId runId, @Nullable Long lease) {
        return lease == null ? null : lease + "." + signature(runId, lease);
    }

    /** The fencing number in a token of this run: null for no token, {@link #FORGED} for one we did not sign. */
    public @Nullable Long read(RunId runId, @Nullable String token) {
        if (token == null) {
            return null;
        }
        int dot = token.indexOf('.');
        // 19 digits: more would not fit into a long.
        if (dot < 1 || dot > 19 || !token.substring(0, dot).chars().allMatch(c -> c >= '0' && c <= '9')) {
            return FORGED;
        }
        long lease = Long.parseUnsignedLong(token.substring(0, dot));
        byte[] expected = signature(runId, lease).getBytes(StandardCharsets.US_ASCII);
        byte[] given = token.substring(dot + 1).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, given) ? (Long) lease : (Long) FORGED;
    }

    private String signature(RunId runId, long lease) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(ByteBuffer.allocate(24)
                    .putLong(runId.value().getMostSignificantBits())
                    .putLong(runId.value().getLeastSignificantBits())
                    .putLong(lease)
                    .array());
            byte[] signature = java.util.Arrays.copyOf(mac.doFinal(), SIGNATURE_BYTES);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
