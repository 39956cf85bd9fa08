package io.runledger.server.proof;

import io.runledger.command.work.Lookout;
import io.runledger.server.proof.Checkpoints.Kept;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Signs what each project's record has come to, regularly and when asked, and goes through all that was signed again and
 * again, a bounded part each time: so the ledger finds by itself what was changed or removed. What is wrong is told in the
 * log, in health and in metrics; it is signed all the same, for a checkpoint says what was there.
 */
final class Notary extends Lookout {

    private static final Logger LOG = LoggerFactory.getLogger(Notary.class);

    /** How often a node asks whether it is time; the database says which one it is. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** Signed together, and then the next ones: what a node does is lost when it dies before. */
    private static final RecordReader.Effort ROUND = new RecordReader.Effort(500_000, 1L << 30);

    /** Faults that are told apart; more are as bad. */
    private static final int TOLD_APART = 1_000;

    private static final int CHECKPOINTS = 10_000;

    private final JdbcClient jdbc;
    private final Checkpoints checkpoints;
    private final CheckpointKey key;
    private final Clock clock;
    private final ProofSettings settings;

    private final Map<String, ProjectRecord> swept = new HashMap<>();
    private final Set<Fault> found = new LinkedHashSet<>();
    private RecordReader sweeper;
    private long sweptTo;
    private long expectedTo;
    private volatile int foundBefore;
    private volatile int foundNow;
    private final AtomicLong sweeps = new AtomicLong();

    Notary(JdbcClient jdbc, Checkpoints checkpoints, CheckpointKey key, Clock clock, ProofSettings settings) {
        super("notary", settings.interval().compareTo(LONGEST_PAUSE) < 0 ? settings.interval() : LONGEST_PAUSE);
        this.jdbc = jdbc;
        this.checkpoints = checkpoints;
        this.key = key;
        this.clock = clock;
        this.settings = settings;
        this.sweeper = new RecordReader(jdbc, null);
    }

    /** How many faults were found, in the last time through the whole record or since; 1,000 at most. */
    int faults() {
        return Math.max(foundBefore, foundNow);
    }

    /** How often this node has gone through the whole record. */
    long sweeps() {
        return sweeps.get();
    }

    @Override
    protected void look() {
        if (checkpoints.isDue(settings.interval())) {
            while (isRunning() && cover()) {
                LOG.debug("there is more to sign");
            }
            sweep();
        }
    }

    /** Signs what the next events come to in each of their projects; whether there may be others. */
    boolean cover() {
        long from = checkpoints.covered();
        RecordReader reader = new RecordReader(jdbc, null);
        Map<String, ProjectRecord> touched = new HashMap<>();
        long to = reader.read(from, reader.head(), ROUND, (link, before) -> {
            ProjectRecord record =
                    touched.computeIfAbsent(link.event().project(), name -> record(name, checkpoints.latest(name)));
            // Somebody may have had the record signed meanwhile.
            if (link.position() > record.provedTo()) {
                record.add(link, before);
            }
        });
        if (to == from) {
            return false;
        }
        List<Kept> made = new ArrayList<>();
        touched.forEach((project, record) -> {
            report(project, record.told());
            if (record.provedTo() < to) {
                made.add(sign(record, to));
            }
        });
        checkpoints.cover(from, to, made);
        return true;
    }

    /**
     * Signs what a project's record comes to now, or a page further than it was signed.
     *
     * @return the latest checkpoint, and whether it is new
     */
    Signed sign(String project) {
        Kept latest = checkpoints.latest(project);
        ProjectRecord record = record(project, latest);
        RecordReader reader = new RecordReader(jdbc, project);
        long from = latest == null ? 0 : latest.checkpoint().position();
        RecordReader.Effort page = new RecordReader.Effort(settings.pagePositions(), Proofs.PAGE_BYTES);
        long to = reader.read(from, reader.head(), page, record::add);
        if (latest != null && to <= from) {
            return new Signed(latest.checkpoint(), false);
        }
        report(project, record.told());
        Kept made = sign(record, to);
        checkpoints.add(made);
        return new Signed(made.checkpoint(), true);
    }

    /** A checkpoint, and whether it was made just now. */
    record Signed(Checkpoint checkpoint, boolean isNew) {}

    private static ProjectRecord record(String project, @Nullable Kept latest) {
        return latest == null ? new ProjectRecord(project) : ProjectRecord.upTo(latest.checkpoint(), latest.edge());
    }

    private Kept sign(ProjectRecord record, long position) {
        Checkpoint checkpoint = Checkpoint.of(record, position, clock.instant().truncatedTo(ChronoUnit.MICROS), key);
        return new Kept(checkpoint, record.tree().edge());
    }

    /** Goes on through all records, and begins again at the end. */
    synchronized void sweep() {
        long head = sweeper.head();
        long upTo = Math.min(head, sweptTo + settings.sweepPositions());
        List<Checkpoint> next = checkpoints.between(null, Math.max(expectedTo, sweptTo), upTo, CHECKPOINTS);
        upTo = next.size() < CHECKPOINTS ? upTo : next.getLast().position();
        expectedTo = upTo;
        next.forEach(this::expect);
        if (upTo == head) {
            checkpoints.beyondTheLedger(null).forEach(this::expect);
        }
        sweptTo = sweeper.read(
                sweptTo,
                upTo,
                new RecordReader.Effort(settings.sweepPositions(), Long.MAX_VALUE),
                (link, before) -> swept(link.event().project()).add(link, before));
        boolean isAll = sweptTo == head;
        swept.values().forEach(record -> {
            record.passed(isAll ? Long.MAX_VALUE : sweptTo);
            report(record.project(), record.told());
        });
        if (isAll) {
            beginAgain();
        }
    }

    private void beginAgain() {
        foundBefore = found.size();
        found.clear();
        foundNow = 0;
        swept.clear();
        sweeper = new RecordReader(jdbc, null);
        sweptTo = 0;
        expectedTo = 0;
        sweeps.incrementAndGet();
    }

    private void expect(Checkpoint checkpoint) {
        ProjectRecord record = swept(checkpoint.project());
        if (key.isForged(checkpoint)) {
            record.tell(new Fault(Fault.Kind.SIGNATURE, null, null, checkpoint.position(), null));
        }
        record.expect(checkpoint);
    }

    private ProjectRecord swept(String project) {
        return swept.computeIfAbsent(project, ProjectRecord::new);
    }

    private synchronized void report(String project, List<Fault> faults) {
        for (Fault fault : faults) {
            if (found.size() < TOLD_APART && found.add(fault)) {
                LOG.error("The record of project {} is not as it was written: {}", project, fault);
            }
        }
        foundNow = found.size();
    }
}
