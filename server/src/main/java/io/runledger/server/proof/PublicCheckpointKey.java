package io.runledger.server.proof;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/** The public half of the key that checkpoints are signed with: enough to check a signature, and no secret. */
final class PublicCheckpointKey {

    private static final String ALGORITHM = "Ed25519";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final PublicKey key;

    PublicCheckpointKey(PublicKey key) {
        this.key = key;
    }

    /**
     * The key that this PEM holds.
     *
     * @throws IllegalArgumentException when it holds none
     */
    static PublicCheckpointKey of(String pem) {
        try {
            byte[] encoded = Base64.getDecoder()
                    .decode(pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", ""));
            return new PublicCheckpointKey(
                    KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a public key of " + ALGORITHM, e);
        }
    }

    /** SHA-256 of the key as it is encoded (SPKI, DER), in hex. */
    String id() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The key as files hold it. */
    String pem() {
        return "-----BEGIN PUBLIC KEY-----\n" + LINES.encodeToString(key.getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    /** Whether this key signed exactly this. */
    boolean hasSigned(Checkpoint checkpoint) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(checkpoint.content());
            return checkpoint.keyId().equals(id()) && signature.verify(checkpoint.signatureBytes());
        } catch (GeneralSecurityException e) {
            // What is no signature at all was not made with this key either.
            return false;
        }
    }
}
