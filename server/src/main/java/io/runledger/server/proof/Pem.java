package io.runledger.server.proof;

import java.util.Base64;

/** Keys as text files hold them (RFC 7468). */
final class Pem {

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    /** The encoded key under a label such as {@code PUBLIC KEY}. */
    static String print(String label, byte[] encoded) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(encoded) + "\n-----END " + label + "-----\n";
    }

    /**
     * The encoded key, whatever its label; also without one.
     *
     * @throws IllegalArgumentException when it is not base64
     */
    static byte[] read(String text) {
        return Base64.getDecoder()
                .decode(text.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", ""));
    }
}
