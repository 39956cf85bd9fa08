package io.runledger.server.proof;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A project's record as far as it was gone through: the tree that grows over it, and what was found wrong. What it says so
 * far fits into a few hundred bytes, so it can be gone through in pieces.
 */
final class ProjectRecord {

    /** So many faults are told at once; more are counted. */
    static final int TOLD = 100;

    private final String project;
    private final MerkleTree tree;
    private long runs;
    private long faults;

    /** Up to here checkpoints say that it is right. */
    private long provedTo;

    /** One checkpoint that does not match is enough: no later one can. */
    private boolean diverged;

    private final Deque<Checkpoint> ahead = new ArrayDeque<>();
    private final Map<Checkpoint, Boolean> compared = new HashMap<>();
    private final List<Fault> told = new ArrayList<>();

    ProjectRecord(String project) {
        this(project, new MerkleTree(), 0);
    }

    private ProjectRecord(String project, MerkleTree tree, long runs) {
        this.project = project;
        this.tree = tree;
        this.runs = runs;
    }

    /** The record up to a checkpoint, with the tree that had this edge there. */
    static ProjectRecord upTo(Checkpoint checkpoint, byte[] edge) {
        ProjectRecord record =
                new ProjectRecord(checkpoint.project(), new MerkleTree(checkpoint.events(), edge), checkpoint.runs());
        record.provedTo = checkpoint.position();
        return record;
    }

    /** Expects a checkpoint to match when its position is reached; they come in order of position. */
    void expect(Checkpoint checkpoint) {
        ahead.add(checkpoint);
    }

    /** Goes on with the next event, which follows this one in its run. */
    void add(Link link, Link.@Nullable End before) {
        passed(link.position() - 1);
        Fault fault = link.fault(before);
        if (fault != null) {
            tell(fault);
        }
        if (link.event().sequence() == 0) {
            runs++;
        }
        tree.add(link.position(), link.hash());
    }

    /** All events up to and with this position were added. */
    void passed(long position) {
        while (!ahead.isEmpty() && ahead.peek().position() <= position) {
            compare(ahead.remove());
        }
    }

    private void compare(Checkpoint checkpoint) {
        boolean matches = checkpoint.isOf(this);
        compared.put(checkpoint, matches);
        if (matches) {
            provedTo = checkpoint.position();
        } else if (!diverged) {
            diverged = true;
            tell(new Fault(Fault.Kind.CHECKPOINT, null, null, checkpoint.position(), provedTo));
        }
    }

    /** Notes what is wrong. */
    void tell(Fault fault) {
        faults++;
        if (told.size() < TOLD) {
            told.add(fault);
        }
    }

    /** Whether a checkpoint that was expected matched; null: its position was not reached. */
    @Nullable
    Boolean matched(Checkpoint checkpoint) {
        return compared.get(checkpoint);
    }

    /** Up to this position checkpoints matched. */
    long provedTo() {
        return provedTo;
    }

    String project() {
        return project;
    }

    MerkleTree tree() {
        return tree;
    }

    /** How many runs began. */
    long runs() {
        return runs;
    }

    /** How many faults were found. */
    long faults() {
        return faults;
    }

    /** The first of those that were found since it was made, or gone on with. */
    List<Fault> told() {
        return List.copyOf(told);
    }

    /** What {@link #read} goes on from. */
    String print() {
        return String.join(
                ".",
                Long.toString(tree.size()),
                Long.toString(runs),
                Long.toString(faults),
                Long.toString(provedTo),
                diverged ? "1" : "0",
                Base64.getUrlEncoder().withoutPadding().encodeToString(tree.edge()));
    }

    /** The record of which {@link #print} said this. */
    static ProjectRecord read(String project, String printed) {
        String[] parts = printed.split("\\.", -1);
        byte[] edge = Base64.getUrlDecoder().decode(parts[5]);
        ProjectRecord record =
                new ProjectRecord(project, new MerkleTree(Long.parseLong(parts[0]), edge), Long.parseLong(parts[1]));
        record.faults = Long.parseLong(parts[2]);
        record.provedTo = Long.parseLong(parts[3]);
        record.diverged = parts[4].equals("1");
        return record;
    }
}
