package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.server.http.RunningLedger;
import io.runledger.server.http.SharedPostgres;
import io.runledger.server.proof.Proofs.Progress;
import io.runledger.server.proof.Proofs.Step;
import io.runledger.server.proof.Tampering.Victim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionOperations;

/** Whatever somebody who owns the database does to the record is found. A failure names its seed. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TamperingTest {

    private static final int MUTATIONS = Boolean.getBoolean("runledger.thorough") ? 10_000 : 150;
    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final ProofSettings SETTINGS = new ProofSettings(Duration.ofHours(1), 1_000_000, 1_000_000, 1);

    private final ProjectOfTests project;
    private final Notary notary;
    private final CheckpointKey key;
    private final Clock clock;
    private Connection connection;
    private JdbcClient owner;
    private Checkpoints checkpoints;
    private Checkpoint kept;
    private List<Victim> events;

    TamperingTest(
            @LocalServerPort int port,
            @Value("${runledger.api-key}") String adminKey,
            Notary notary,
            CheckpointKey key,
            Clock clock) {
        this.project = new ProjectOfTests(port, adminKey, "tampered", 30);
        this.notary = notary;
        this.key = key;
        this.clock = clock;
    }

    @BeforeAll
    void keep_a_checkpoint() throws SQLException {
        Notary.Signed signed;
        do {
            signed = notary.sign(project.slug());
        } while (signed.isNew());
        kept = signed.checkpoint();
        connection = SharedPostgres.ownersConnections().getConnection();
        owner = JdbcClient.create(new SingleConnectionDataSource(connection, true));
        checkpoints = new Checkpoints(owner, TransactionOperations.withoutTransaction());
        connection.setAutoCommit(false);
        events = owner.sql("select * from ledger.event where project = ? order by position")
                .param(project.slug())
                .query(Victim::read)
                .list();
    }

    @AfterAll
    void close() throws SQLException {
        connection.rollback();
        connection.close();
    }

    /** As only who owns the tables can: no trigger fires any more. All of it is undone together. */
    @BeforeEach
    void begin() throws SQLException {
        connection.rollback();
        owner.sql("alter table ledger.event disable trigger user").update();
        owner.sql("alter table ledger.checkpoint disable trigger user").update();
    }

    /** From just before the project's first event, which spares looking at those of other tests. */
    private ProjectRecord goneThrough(Checkpoint given) {
        Proofs proofs = new Proofs(owner, checkpoints, key::isForged, SETTINGS);
        long start = events.getFirst().position() - 1;
        Step step = new Step(new Progress(start, new ProjectRecord(project.slug()), null, null), false);
        while (!step.done()) {
            step = proofs.step(step.progress(), given);
        }
        return step.progress().record();
    }

    @Test
    void what_nobody_touched_is_right() {
        ProjectRecord record = goneThrough(kept);
        assertThat(record.told()).isEmpty();
        assertThat(record.tree().size()).isEqualTo(events.size()).isEqualTo(kept.events());
        assertThat(record.runs()).isEqualTo(31).isEqualTo(kept.runs());
        assertThat(record.matched(kept)).isTrue();
    }

    @Test
    void each_single_change_is_found() throws SQLException {
        Map<Tampering, Integer> found = new EnumMap<>(Tampering.class);
        int named = 0;
        long begun = System.nanoTime();
        for (int i = 0; i < MUTATIONS; i++) {
            Random random = new Random(SEED + i);
            Tampering tampering = Tampering.values()[i % Tampering.values().length];
            List<UUID> runs = tampering.apply(owner, events, random);
            String what = "seed " + (SEED + i) + ": " + tampering + " of " + runs;
            ProjectRecord record = goneThrough(kept);
            assertThat(record.told()).as(what).isNotEmpty();
            assertThat(showsInCheckpoints(tampering) && Boolean.TRUE.equals(record.matched(kept)))
                    .as(what)
                    .isFalse();
            boolean isNamed = record.told().stream().anyMatch(fault -> isOf(fault, runs));
            assertThat(isNamed || !tampering.isNamed())
                    .as(what + ": " + record.told())
                    .isTrue();
            named += isNamed ? 1 : 0;
            found.merge(tampering, 1, Integer::sum);
            begin();
        }
        assertThat(found).hasSize(Tampering.values().length);
        System.out.printf(
                "%d single changes, all found, %d with run and position, in %.1f s%n",
                MUTATIONS, named, (System.nanoTime() - begun) / 1e9);
    }

    /** After these there are other hashes, or the same in other places. */
    private static boolean showsInCheckpoints(Tampering tampering) {
        return switch (tampering) {
            case SWAPPED_POSITIONS,
                    POSITION,
                    DELETED,
                    PROJECT,
                    HASH,
                    TAIL_CUT_OFF,
                    RUN_DELETED,
                    RUN_DELETED_ALSO_FROM_THE_VIEW,
                    RUN_WRITTEN_ANEW -> true;
            default -> false;
        };
    }

    private boolean isOf(Fault fault, List<UUID> runs) {
        return fault.runId() != null
                && runs.contains(fault.runId().value())
                && fault.sequence() != null
                && fault.position() >= events.getFirst().position();
    }

    @Test
    void without_any_checkpoint_the_view_still_names_what_was_cut_off() {
        owner.sql("delete from ledger.checkpoint").update();
        Victim last = events.getLast();
        owner.sql("delete from ledger.event where run_id = ?").param(last.run()).update();
        assertThat(goneThrough(null).told())
                .containsExactly(new Fault(
                        Fault.Kind.MISSING_END, new RunId(last.run()), last.sequence(), last.position(), null));
    }

    @Test
    void a_checkpoint_kept_elsewhere_tells_though_all_in_the_database_was_made_to_agree() {
        owner.sql("delete from ledger.checkpoint").update();
        owner.sql("delete from view.run where project = ?")
                .param(project.slug())
                .update();
        owner.sql("delete from ledger.event where project = ? and position > ?")
                .params(project.slug(), events.get(events.size() / 2).position())
                .update();
        assertThat(goneThrough(null).told()).isEmpty();
        assertThat(goneThrough(kept).told())
                .containsExactly(new Fault(Fault.Kind.CHECKPOINT, null, null, kept.position(), 0L));
    }

    @Test
    void an_event_where_no_reader_comes_by_is_found() {
        owner.sql("insert into ledger.event (position, id, project, run_id, sequence, type, version, payload,"
                        + " payload_bytes, actor, occurred_at, recorded_at, hash) overriding system value"
                        + " select -7, gen_random_uuid(), project, gen_random_uuid(), 0, 'run.noted', 1, '{}', 2, actor,"
                        + " occurred_at, recorded_at, hash from ledger.event where position = ?")
                .param(events.getFirst().position())
                .update();
        List<Long> positions = new ArrayList<>();
        new RecordReader(owner, project.slug())
                .read(0, 1, new RecordReader.Effort(1, 1), (link, _) -> positions.add(link.position()));
        assertThat(positions).contains(-7L);
    }

    @Test
    void a_forged_checkpoint_in_the_table_is_found() {
        owner.sql("update ledger.checkpoint set events = events - 1 where project = ?")
                .param(project.slug())
                .update();
        assertThat(goneThrough(null).told())
                .extracting(Fault::code)
                .contains(Fault.Kind.SIGNATURE, Fault.Kind.CHECKPOINT);
    }

    @Test
    void the_ledger_finds_by_itself_that_a_tail_is_gone() {
        Notary watching = new Notary(owner, checkpoints, key, clock, SETTINGS);
        do {
            watching.sweep();
        } while (watching.sweeps() == 0);
        int before = watching.faults();
        owner.sql("delete from ledger.event where position >= ? and project = ?")
                .params(events.get(events.size() - 5).position(), project.slug())
                .update();
        do {
            watching.sweep();
        } while (watching.sweeps() == 1);
        assertThat(watching.faults()).isGreaterThan(before);
    }

    @Test
    void new_events_are_signed_by_one_node_and_once() {
        Notary one = new Notary(owner, checkpoints, key, clock, SETTINGS);
        owner.sql("delete from ledger.checkpoint where project = ?")
                .param(project.slug())
                .update();
        owner.sql("update ledger.notary set position = ?, due_at = now()")
                .param(events.getFirst().position() - 1)
                .update();
        assertThat(checkpoints.isDue(Duration.ofHours(1))).isTrue();
        assertThat(checkpoints.isDue(Duration.ofHours(1))).isFalse();
        while (one.cover()) {
            assertThat(checkpoints.covered()).isPositive();
        }
        Checkpoint made = java.util.Objects.requireNonNull(checkpoints.latest(project.slug()))
                .checkpoint();
        assertThat(made.events()).isEqualTo(kept.events());
        assertThat(made.root()).isEqualTo(kept.root());
        assertThat(key.shown().hasSigned(made)).isTrue();
        assertThat(one.sign(project.slug()).isNew()).isFalse();
    }

    @Test
    void how_fast_it_is() {
        int runs = Boolean.getBoolean("runledger.thorough") ? 50_000 : 3_000;
        LongRecord.write(owner, "long-record", runs);
        long start = owner.sql("select min(position) - 1 from ledger.event where project = 'long-record'")
                .query(Long.class)
                .single();
        ProjectRecord record = new ProjectRecord("long-record");
        RecordReader reader = new RecordReader(owner, null);
        long begun = System.nanoTime();
        long head = reader.head();
        long at = start;
        while (at < head) {
            at = reader.read(at, head, new RecordReader.Effort(100_000, Proofs.PAGE_BYTES), record::add);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(record.told()).isEmpty();
        assertThat(record.runs()).isEqualTo(runs);
        System.out.printf(
                "%d events of %d runs checked in %.2f s: %.0f events a second%n",
                record.tree().size(), runs, seconds, record.tree().size() / seconds);
    }

    @AfterEach
    void undo() throws SQLException {
        connection.rollback();
    }

    @Test
    void not_too_many_go_through_the_record_at_once() {
        Proofs full = new Proofs(owner, checkpoints, key::isForged, new ProofSettings(Duration.ofHours(1), 7, 7, 0));
        assertThatThrownBy(() -> full.step(Progress.none(project.slug()), null))
                .isInstanceOfSatisfying(
                        Problem.class, refused -> assertThat(refused.code()).isEqualTo(ProblemCode.TOO_MANY_REQUESTS));
    }

    @Test
    void page_by_page_it_is_the_same() {
        ProofSettings small = new ProofSettings(Duration.ofHours(1), 7, 7, 1);
        Proofs proofs = new Proofs(owner, checkpoints, key::isForged, small);
        long start = events.getFirst().position() - 1;
        Step step = new Step(new Progress(start, new ProjectRecord(project.slug()), null, null), false);
        int pages = 0;
        while (!step.done()) {
            step = proofs.step(Progress.read(project.slug(), step.progress().print()), kept);
            pages++;
        }
        assertThat(pages).isGreaterThan(10);
        assertThat(step.progress().contained()).isTrue();
        assertThat(step.progress().record().faults()).isZero();
        assertThat(step.progress().record().tree().root())
                .isEqualTo(goneThrough(kept).tree().root());
    }
}
