package io.runledger.server.proof;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Goes through a project's record for a caller, a page a request: events first, then the ends of runs. */
final class Proofs {

    /** One page reads so much at most, however large its events are. */
    static final long PAGE_BYTES = 64 << 20;

    /** A page holds the record against so many checkpoints; where there are more it is shorter. */
    private static final int CHECKPOINTS = 1_000;

    private final JdbcClient jdbc;
    private final Checkpoints checkpoints;
    private final Predicate<Checkpoint> isForged;
    private final ProofSettings settings;
    private final Semaphore places;

    /** Proofs that hold the record against these checkpoints, and tell of those that are forged. */
    Proofs(JdbcClient jdbc, Checkpoints checkpoints, Predicate<Checkpoint> isForged, ProofSettings settings) {
        this.jdbc = jdbc;
        this.checkpoints = checkpoints;
        this.isForged = isForged;
        this.settings = settings;
        this.places = new Semaphore(settings.parallel(), true);
    }

    /**
     * How far somebody is.
     *
     * @param position up to here the events were gone through
     * @param run up to here the ends of runs were; null before all events were gone through
     * @param contained what became of the checkpoint that the caller kept
     */
    record Progress(
            long position,
            ProjectRecord record,
            @Nullable String run,
            @Nullable Boolean contained) {

        static Progress none(String project) {
            return new Progress(0, new ProjectRecord(project), null, null);
        }

        String print() {
            return position + "," + (run == null ? "" : run) + "," + (contained == null ? "" : contained) + ","
                    + record.print();
        }

        static Progress read(String project, String printed) {
            String[] parts = printed.split(",", -1);
            return new Progress(
                    Long.parseLong(parts[0]),
                    ProjectRecord.read(project, parts[3]),
                    parts[1].isEmpty() ? null : parts[1],
                    parts[2].isEmpty() ? null : (Boolean) Boolean.parseBoolean(parts[2]));
        }
    }

    /**
     * Goes on a page.
     *
     * @param given a checkpoint that the caller kept, the same for every page; null for none
     * @return how far it is now, and whether that is all
     * @throws Problem when too many do so already
     */
    Step step(Progress progress, @Nullable Checkpoint given) {
        if (!places.tryAcquire()) {
            throw new Problem(
                    ProblemCode.TOO_MANY_REQUESTS,
                    "The record is being gone through " + settings.parallel() + " times on this node; try again.");
        }
        try {
            Progress now = progress.run() == null ? events(progress, given) : progress;
            return now.run() == null ? new Step(now, false) : runs(now);
        } finally {
            places.release();
        }
    }

    /** Progress after a page; done: there is no other page. */
    record Step(Progress progress, boolean done) {}

    private Progress events(Progress progress, @Nullable Checkpoint given) {
        ProjectRecord record = progress.record();
        RecordReader reader = new RecordReader(jdbc, record.project());
        long head = reader.head();
        long upTo = Math.min(head, progress.position() + settings.pagePositions());
        List<Checkpoint> own = checkpoints.between(record.project(), progress.position(), upTo, CHECKPOINTS);
        upTo = own.size() < CHECKPOINTS ? upTo : own.getLast().position();
        if (upTo == head) {
            own = join(own, checkpoints.beyondTheLedger(record.project()));
        }
        List<Checkpoint> expected = new ArrayList<>(own);
        if (given != null && progress.contained() == null && given.position() >= progress.position()) {
            expected.add(given);
            expected.sort(Comparator.comparing(Checkpoint::position));
        }
        expected.forEach(record::expect);
        long reached = reader.read(
                progress.position(), upTo, new RecordReader.Effort(settings.pagePositions(), PAGE_BYTES), record::add);
        boolean isAll = reached == head;
        long compared = isAll ? Long.MAX_VALUE : reached;
        record.passed(compared);
        own.stream()
                .filter(checkpoint -> checkpoint.position() <= compared && isForged.test(checkpoint))
                .forEach(checkpoint ->
                        record.tell(new Fault(Fault.Kind.SIGNATURE, null, null, checkpoint.position(), null)));
        Boolean contained =
                given == null || progress.contained() != null ? progress.contained() : record.matched(given);
        String run = isAll ? RunEnds.START : null;
        return new Progress(reached, record, run, contained);
    }

    private static List<Checkpoint> join(List<Checkpoint> some, List<Checkpoint> others) {
        List<Checkpoint> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private Step runs(Progress progress) {
        String run = Objects.requireNonNull(progress.run());
        String next = new RunEnds(jdbc).check(progress.record(), run, settings.pagePositions());
        Progress now = new Progress(progress.position(), progress.record(), next, progress.contained());
        return new Step(now, next == null);
    }
}
