package io.runledger.server.proof;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tree of hashes as RFC 6962 defines it, to which leaves are only added. It keeps its right edge, one hash for each
 * level that needs one, so it takes the same few bytes however many leaves it has.
 */
final class MerkleTree {

    static final int HASH_BYTES = 32;

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest digest = sha256();

    /** The roots of the full subtrees, the largest first: one for each bit that is set in the number of leaves. */
    private final List<byte[]> edge = new ArrayList<>();

    private long size;

    MerkleTree() {}

    /**
     * The tree that had this size and this edge.
     *
     * @throws IllegalArgumentException when no tree can have both
     */
    MerkleTree(long size, byte[] edge) {
        if (edge.length != HASH_BYTES * Long.bitCount(size)) {
            throw new IllegalArgumentException("no tree of " + size + " leaves has this edge");
        }
        for (int start = 0; start < edge.length; start += HASH_BYTES) {
            this.edge.add(Arrays.copyOfRange(edge, start, start + HASH_BYTES));
        }
        this.size = size;
    }

    /** Adds one leaf: an event's place in the ledger, and its hash. */
    void add(long position, byte[] hash) {
        digest.update(LEAF);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(position).array());
        byte[] subtree = digest.digest(hash);
        for (long left = size; (left & 1) == 1; left >>>= 1) {
            subtree = node(edge.removeLast(), subtree);
        }
        edge.add(subtree);
        size++;
    }

    /** The hash over all leaves; SHA-256 of nothing when there are none. */
    byte[] root() {
        if (edge.isEmpty()) {
            return digest.digest();
        }
        byte[] root = edge.getLast();
        for (int i = edge.size() - 2; i >= 0; i--) {
            root = node(edge.get(i), root);
        }
        return root.clone();
    }

    /** What a tree can be grown on from, together with the size. */
    byte[] edge() {
        ByteBuffer bytes = ByteBuffer.allocate(edge.size() * HASH_BYTES);
        edge.forEach(bytes::put);
        return bytes.array();
    }

    /** How many leaves there are. */
    long size() {
        return size;
    }

    private byte[] node(byte[] left, byte[] right) {
        digest.update(NODE);
        digest.update(left);
        return digest.digest(right);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
