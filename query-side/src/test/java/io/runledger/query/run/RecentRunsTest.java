package io.runledger.query.run;

import static io.runledger.query.Recorded.created;
import static io.runledger.query.Recorded.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.FindRun;
import io.runledger.api.Json;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunProgressed;
import io.runledger.api.RunEvent.RunQueued;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunEvent.RunStopped;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.api.StoredEvent;
import io.runledger.query.Recorded;
import io.runledger.query.projection.RecordedEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentRunsTest {

    private static final Recorded HISTORY = run(1).then(
                    created(1),
                    new RunQueued(),
                    new RunStarted(1, "w", null),
                    new RunStopped(RunStatus.RUNNING, "lunch"));

    private final RecentRuns recent = new RecentRuns(RecentRuns.MOST_CHARACTERS);

    @Test
    void a_run_is_shown_as_the_fold_of_what_was_recorded() {
        RunRow folded = new RunRow(Recorded.id(1));
        for (RecordedEvent event : HISTORY.events()) {
            record(event);
            RunFold.apply(folded, event);
            assertThat(show(1, event.sequence())).isEqualTo(RunPresenter.view(folded));
        }
    }

    @Test
    void an_answer_given_is_not_changed_by_what_comes_later() {
        HISTORY.events().subList(0, 2).forEach(this::record);
        RunView queued = show(1, 1);
        HISTORY.events().subList(2, 4).forEach(this::record);
        assertThat(queued.status()).isEqualTo(RunStatus.QUEUED);
        assertThat(queued.version()).isEqualTo(1);
    }

    @Test
    void a_later_version_answers_for_an_earlier_one_but_not_the_other_way() {
        HISTORY.events().forEach(this::record);
        assertThat(show(1, 0)).isNotNull();
        assertThat(show(1, 4)).isNull();
        assertThat(recent.view(FindRun.latest("default", Recorded.id(1)))).isNull();
    }

    @Test
    void a_run_that_another_node_wrote_to_is_forgotten() {
        List<RecordedEvent> events = HISTORY.events();
        record(events.get(0));
        record(events.get(2));
        assertThat(show(1, 0)).isNull();
        record(events.get(3));
        assertThat(show(1, 0)).isNull();
    }

    @Test
    void a_run_of_another_project_is_not_shown() {
        HISTORY.events().forEach(this::record);
        assertThat(recent.view(new FindRun("other", Recorded.id(1), 0))).isNull();
    }

    @Test
    void a_run_whose_worker_may_have_told_more_is_not_shown_until_its_lease_ends() {
        Recorded leased = run(1).then(
                        created(1),
                        new RunQueued(),
                        new RunStarted(1, "w", 30),
                        new RunProgressed(0.5, "half"),
                        new RunStopped(RunStatus.RUNNING, "lunch"));
        leased.events().subList(0, 3).forEach(this::record);
        assertThat(show(1, 2).leaseExpiresAt()).isNotNull();
        record(leased.events().get(3));
        assertThat(show(1, 3)).isNull();
        record(leased.events().get(4));
        assertThat(show(1, 4).status()).isEqualTo(RunStatus.STOPPED);
    }

    @Test
    void it_remembers_no_more_than_so_many_characters() {
        RecentRuns small = new RecentRuns(100_000);
        Json large = new Json("\"" + "x".repeat(9_000) + "\"");
        for (int i = 0; i < 1_000; i++) {
            RunCreated created = created(i, null, large, null);
            small.recorded(stored(run(i).then(created).events().getFirst()), created, i);
        }
        long remembered = 0;
        for (int i = 0; i < 1_000; i++) {
            remembered += small.view(new FindRun("default", Recorded.id(i), 0)) == null ? 0 : 1;
        }
        assertThat(remembered).isBetween(1L, 10L);
    }

    private void record(RecordedEvent event) {
        recent.recorded(stored(event), event.event(), event.position());
    }

    private static StoredEvent stored(RecordedEvent event) {
        return new StoredEvent(
                "e",
                event.project(),
                event.runId(),
                event.sequence(),
                "run.any",
                1,
                event.occurredAt(),
                event.recordedAt(),
                event.actor(),
                null,
                null,
                null,
                new Json("{}"));
    }

    private @Nullable RunView show(long number, long since) {
        RunId id = Recorded.id(number);
        return recent.view(new FindRun("default", id, since));
    }
}
