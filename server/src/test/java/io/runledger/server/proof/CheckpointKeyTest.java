package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.server.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints are signed with the key that was given, or with one that is made once and kept for the owner alone. */
class CheckpointKeyTest {

    /** The first test vector of RFC 8032: the secret in PKCS#8, and the public key. */
    static final String SECRET = Base64.getEncoder()
            .encodeToString(HexFormat.of()
                    .parseHex("302e020100300506032b657004220420"
                            + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

    private static final String PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    /** The signature of nothing, by the same vector. */
    private static final String OF_NOTHING = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"%s", "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"})
    void a_key_of_the_settings_is_used_as_it_is(String form) {
        CheckpointKey key = CheckpointKey.ensure(form.formatted(SECRET), folder);
        byte[] shown = Base64.getMimeDecoder().decode(key.shown().pem().replaceAll("-----[A-Z ]+-----", ""));
        assertThat(HexFormat.of().formatHex(shown)).isEqualTo("302a300506032b6570032100" + PUBLIC);
        assertThat(HexFormat.of().formatHex(key.sign(new byte[0]))).isEqualTo(OF_NOTHING);
        assertThat(PublicCheckpointKey.of(key.shown().pem()).id()).isEqualTo(key.id());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void without_one_it_is_made_once_and_kept_for_its_owner() throws IOException {
        CheckpointKey made = CheckpointKey.ensure("", folder.resolve("data"));
        Path file = folder.resolve("data/checkpoint-key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(CheckpointKey.ensure(null, folder.resolve("data")).id()).isEqualTo(made.id());
        assertThat(CheckpointKey.ensure(null, folder.resolve("other")).id()).isNotEqualTo(made.id());
        assertThat(CheckpointKey.ensure(Files.readString(file), folder).id()).isEqualTo(made.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret-but-no-key", "MC4CAQAwBQYDK2VwBCIE", "!"})
    void what_is_no_key_is_refused_without_telling_it(String text) {
        assertThatThrownBy(() -> CheckpointKey.ensure(text, folder))
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining("RUNLEDGER_CHECKPOINT_KEY")
                .hasMessageNotContaining(text)
                .hasNoCause();
    }

    @Test
    void a_signature_holds_for_every_part_of_a_checkpoint() {
        CheckpointKey key = CheckpointKey.ensure(SECRET, folder);
        Instant now = Instant.parse("2026-01-31T12:00:00.123456Z");
        Checkpoint signed = Checkpoint.of(new ProjectRecord("default"), 7, now, key);
        assertThat(key.shown().hasSigned(signed)).isTrue();
        assertThat(key.isForged(signed)).isFalse();
        String root = signed.root();
        String by = signed.signature();
        for (Checkpoint changed : new Checkpoint[] {
            new Checkpoint(1, "other", 7L, 0L, 0L, root, now, key.id(), by),
            new Checkpoint(1, "default", 8L, 0L, 0L, root, now, key.id(), by),
            new Checkpoint(1, "default", 7L, 1L, 0L, root, now, key.id(), by),
            new Checkpoint(1, "default", 7L, 0L, 1L, root, now, key.id(), by),
            new Checkpoint(1, "default", 7L, 0L, 0L, root.replace('e', 'f'), now, key.id(), by),
            new Checkpoint(1, "default", 7L, 0L, 0L, root, now.plusNanos(1_000), key.id(), by),
            new Checkpoint(1, "default", 7L, 0L, 0L, root, now, key.id(), "A".repeat(86) + "==")
        }) {
            assertThat(key.shown().hasSigned(changed)).as(changed.toString()).isFalse();
            assertThat(key.isForged(changed)).isTrue();
        }
        CheckpointKey other = CheckpointKey.ensure(null, folder);
        assertThat(other.shown().hasSigned(signed)).isFalse();
        assertThat(other.isForged(signed)).as("it never said so").isFalse();
    }
}
