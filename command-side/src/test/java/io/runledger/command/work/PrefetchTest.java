package io.runledger.command.work;

import static io.runledger.command.work.WorkNode.Wanted.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunCommand.CancelRun;
import io.runledger.api.RunId;
import io.runledger.command.store.CountingDataSource;
import io.runledger.command.store.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs that a node does not remember are read ahead of the workers that take them one by one. */
class PrefetchTest {

    private static final int RUNS = 120;

    private TestPostgres postgres;
    private CountingDataSource counting;
    private WorkNode other;
    private WorkNode node;
    private final List<RunId> queued = new ArrayList<>();

    @BeforeEach
    void fillTheQueue() {
        postgres = TestPostgres.create();
        counting = new CountingDataSource(postgres.app());
        other = new WorkNode(postgres.app());
        node = new WorkNode(counting);
        for (int i = 0; i < RUNS; i++) {
            queued.add(other.create(plain()));
        }
    }

    @AfterEach
    void close() {
        node.close();
        other.close();
        postgres.close();
    }

    @Test
    void a_claim_of_a_run_that_nobody_remembers_costs_hardly_more_questions_than_of_one_that_is_remembered() {
        List<RunId> claimed = new ArrayList<>();
        int before = counting.statements();
        for (int i = 0; i < RUNS; i++) {
            claimed.addAll(node.claim(1));
        }
        assertThat(claimed).isEqualTo(queued);
        // Each is picked and started; a run by itself would take a third question, and a fourth for the head of its
        // chain.
        assertThat(counting.statements() - before).isLessThan(2 * RUNS + RUNS / 3);
    }

    @Test
    void a_run_that_was_cancelled_after_it_was_read_ahead_is_not_handed_out() {
        for (int i = 0; i < 20; i++) {
            assertThat(node.claim(1)).containsExactly(queued.get(i));
        }
        RunId next = queued.get(20);
        other.ledger.send(new CancelRun(next, WorkNode.context("default"), null));
        assertThat(node.claim(2)).containsExactly(queued.get(21), queued.get(22));
    }
}
