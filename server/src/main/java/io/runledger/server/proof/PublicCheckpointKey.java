package io.runledger.server.proof;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** The public half of the key that checkpoints are signed with: enough to check a signature, and no secret. */
final class PublicCheckpointKey {

    static final String ALGORITHM = "Ed25519";

    private final PublicKey key;
    private final String id;

    PublicCheckpointKey(PublicKey key) {
        this.key = key;
        this.id = id(key);
    }

    /**
     * The key that this PEM holds.
     *
     * @throws IllegalArgumentException when it holds none
     */
    static PublicCheckpointKey of(String pem) {
        try {
            return new PublicCheckpointKey(
                    KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(Pem.read(pem))));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a public key of " + ALGORITHM, e);
        }
    }

    /** SHA-256 of the key as it is encoded (SPKI, DER), in hex. */
    String id() {
        return id;
    }

    private static String id(PublicKey key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The key as files hold it. */
    String pem() {
        return Pem.print("PUBLIC KEY", key.getEncoded());
    }

    /** Whether this key signed exactly this. */
    boolean hasSigned(Checkpoint checkpoint) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(checkpoint.content());
            return checkpoint.keyId().equals(id) && signature.verify(checkpoint.signatureBytes());
        } catch (GeneralSecurityException e) {
            // What is no signature at all was not made with this key either.
            return false;
        }
    }
}
