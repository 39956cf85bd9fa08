package io.runledger.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What opens the ledger, as its holder writes it: {@code rl_ID_SECRET}, of which the ledger keeps the SHA-256 only. The
 * secret has 256 random bits, so a plain hash cannot be guessed backwards. Its text never shows it.
 */
public final class Secret {

    private static final int BYTES = 32;
    private static final int LONGEST_ID = 26;
    private static final Pattern FORM = Pattern.compile("rl_([A-Za-z0-9]{1," + LONGEST_ID + "})_.+", Pattern.DOTALL);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /** A new one for the key with this id. */
    public static Secret of(String id) {
        byte[] secret = new byte[BYTES];
        RANDOM.nextBytes(secret);
        return new Secret(
                "rl_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    /** The one that somebody has sent; it need not have our form. */
    static Secret sent(String text) {
        return new Secret(text);
    }

    /** The id that it names; null when it has not our form. */
    @Nullable
    String id() {
        Matcher form = FORM.matcher(text);
        return form.matches() ? form.group(1) : null;
    }

    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Shows it, to its holder, once. */
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "a secret";
    }
}
