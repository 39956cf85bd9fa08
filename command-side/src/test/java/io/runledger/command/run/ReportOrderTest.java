package io.runledger.command.run;

import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reports that come one to three times and in any order, with those of an attempt whose lease was lost among them. */
class ReportOrderTest {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);
    private static final int SCHEDULES = 10_000;
    private static final long LOST = 2;
    private static final long HELD = 5;

    @Test
    void a_run_ends_as_if_each_report_had_come_once_and_in_order() {
        for (int i = 0; i < SCHEDULES; i++) {
            Random random = new Random(SEED + i);
            RunState state = new RunState();
            List<RunEvent> history = new ArrayList<>(List.of(
                    created(2, null),
                    queued(),
                    leased(),
                    new RunAttemptFailed(1, TIMED_OUT, null),
                    queued(),
                    new RunStarted(2, "w2", 30)));
            history.forEach(state::evolve);

            for (RunCommand report : delivered(random)) {
                try {
                    List<RunEvent> events = RunDecider.decide(report, state);
                    events.forEach(state::evolve);
                    history.addAll(events);
                } catch (Problem refused) {
                    assertThat(refused.code().status()).isEqualTo(409);
                }
            }

            assertThat(state.status()).as("seed %d", SEED + i).isEqualTo(RunStatus.SUCCEEDED);
            assertThat(history).as("seed %d", SEED + i).last().isEqualTo(new RunSucceeded(new Json("2"), null));
            assertThat(history).filteredOn(RunSucceeded.class::isInstance).hasSize(1);
            assertThat(history).filteredOn(RunFinishing.class::isInstance).hasSizeLessThanOrEqualTo(1);
        }
    }

    private static List<RunCommand> delivered(Random random) {
        List<RunCommand> reports = new ArrayList<>();
        for (long lease : new long[] {LOST, HELD}) {
            for (RunCommand report : List.of(
                    progress(lease),
                    checkpoint(lease),
                    finish(lease),
                    new CompleteRun(RUN, context(), lease, new Json(lease == HELD ? "2" : "1"), null, List.of()))) {
                reports.addAll(Collections.nCopies(1 + random.nextInt(3), report));
            }
        }
        reports.addAll(Collections.nCopies(random.nextInt(3), fail(LOST, TIMED_OUT)));
        reports.addAll(Collections.nCopies(random.nextInt(3), new ExpireLease(RUN, context(), LOST)));
        Collections.shuffle(reports, random);
        return reports;
    }
}
