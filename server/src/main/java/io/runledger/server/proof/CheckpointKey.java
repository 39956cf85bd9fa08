package io.runledger.server.proof;

import io.runledger.server.CannotStart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The Ed25519 key that checkpoints are signed with; it says its public half and keeps the other to itself. */
final class CheckpointKey {

    private static final String ALGORITHM = PublicCheckpointKey.ALGORITHM;
    private static final String FILE = "checkpoint-key";

    private final PrivateKey secret;
    private final PublicCheckpointKey shown;

    private CheckpointKey(KeyPair pair) {
        this.secret = pair.getPrivate();
        this.shown = new PublicCheckpointKey(pair.getPublic());
    }

    /** The key of the settings, or the one that was made at the first start and is kept in the data directory. */
    static CheckpointKey ensure(@Nullable String given, Path dataDir) {
        if (given != null && !given.isBlank()) {
            return read(given, "RUNLEDGER_CHECKPOINT_KEY");
        }
        Path file = dataDir.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            return read(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot keep the key of checkpoints in " + file
                            + "; make the folder writable or set RUNLEDGER_CHECKPOINT_KEY",
                    e);
        }
    }

    private static void make(Path file) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        byte[] encoded = generate(new SecureRandom()).getPrivate().getEncoded();
        Path draft = Files.createTempFile(
                folder,
                FILE,
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, Pem.print("PRIVATE KEY", encoded));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static CheckpointKey read(String text, String place) {
        try {
            PrivateKey secret =
                    KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(Pem.read(text)));
            return new CheckpointKey(withPublic(secret));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Neither the text nor the cause is told: one of them may be a secret.
            throw new CannotStart(place + " is not a private key that checkpoints can be signed with: make one with"
                    + " openssl genpkey -algorithm ed25519");
        }
    }

    /** Java makes the public key from the secret only while it draws a new secret; so it is given this one to draw. */
    private static KeyPair withPublic(PrivateKey secret) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) secret).getBytes().orElseThrow(IllegalArgumentException::new);
        KeyPair pair = generate(new Drawn(seed));
        if (!Arrays.equals(((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow(), seed)) {
            throw new IllegalStateException("this Java platform draws its keys in another way");
        }
        return pair;
    }

    private static KeyPair generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    private static final class Drawn extends SecureRandom {

        private static final long serialVersionUID = 1L;

        private final byte[] drawn;

        Drawn(byte[] drawn) {
            this.drawn = drawn.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(drawn, 0, bytes, 0, bytes.length);
        }
    }

    /** What names the key in checkpoints. */
    String id() {
        return shown.id();
    }

    /** What everybody may know. */
    PublicCheckpointKey shown() {
        return shown;
    }

    /** Whether it says that this key signed it, and it did not. */
    boolean isForged(Checkpoint checkpoint) {
        return checkpoint.keyId().equals(id()) && !shown.hasSigned(checkpoint);
    }

    byte[] sign(byte[] content) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(secret);
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read can sign", e);
        }
    }
}
