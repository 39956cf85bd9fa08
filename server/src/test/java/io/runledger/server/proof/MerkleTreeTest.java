package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tree is the one of RFC 6962, as its definition there says, and can be grown on from its edge. */
class MerkleTreeTest {

    private static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hash(int leaf) {
        return sha256(new byte[] {(byte) leaf, (byte) (leaf >> 8)});
    }

    /** Section 2.1 of the RFC, word by word. */
    private static byte[] defined(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return sha256();
        }
        if (leaves.size() == 1) {
            return sha256(new byte[] {0}, leaves.getFirst());
        }
        int largest = Integer.highestOneBit(leaves.size() - 1);
        return sha256(
                new byte[] {1}, defined(leaves.subList(0, largest)), defined(leaves.subList(largest, leaves.size())));
    }

    @Test
    void its_root_is_what_the_definition_says_at_every_size() {
        MerkleTree tree = new MerkleTree();
        List<byte[]> leaves = new ArrayList<>();
        assertThat(HexFormat.of().formatHex(tree.root()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int i = 0; i < 300; i++) {
            long position = 3L * i + 1;
            tree.add(position, hash(i));
            leaves.add(ByteBuffer.allocate(40).putLong(position).put(hash(i)).array());
            assertThat(tree.root()).as("%d leaves", i + 1).isEqualTo(defined(leaves));
            assertThat(tree.size()).isEqualTo(i + 1);
        }
    }

    @Test
    void it_grows_on_from_its_edge() {
        MerkleTree whole = new MerkleTree();
        for (int i = 0; i < 130; i++) {
            MerkleTree resumed = new MerkleTree(whole.size(), whole.edge());
            whole.add(i, hash(i));
            resumed.add(i, hash(i));
            assertThat(resumed.root()).isEqualTo(whole.root());
            assertThat(resumed.edge()).isEqualTo(whole.edge()).hasSize(32 * Long.bitCount(i + 1L));
        }
        assertThatThrownBy(() -> new MerkleTree(4, new byte[64])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void every_leaf_every_position_and_their_order_count() {
        byte[] root = of(new int[] {1, 2, 3}, new int[] {1, 2, 3});
        assertThat(of(new int[] {1, 3, 2}, new int[] {1, 2, 3})).isNotEqualTo(root);
        assertThat(of(new int[] {1, 2, 3}, new int[] {1, 2, 4})).isNotEqualTo(root);
        assertThat(of(new int[] {1, 2}, new int[] {1, 2})).isNotEqualTo(root);
        assertThat(of(new int[] {1, 2, 3}, new int[] {1, 2, 3})).isEqualTo(root);
    }

    private static byte[] of(int[] hashes, int[] positions) {
        MerkleTree tree = new MerkleTree();
        for (int i = 0; i < hashes.length; i++) {
            tree.add(positions[i], hash(hashes[i]));
        }
        return tree.root();
    }
}
