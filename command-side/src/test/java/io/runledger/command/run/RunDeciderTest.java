package io.runledger.command.run;

import static io.runledger.api.ProblemCode.CONFLICT;
import static io.runledger.api.ProblemCode.INVALID_TRANSITION;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.api.ProblemCode.NOT_FOUND;
import static io.runledger.api.ProblemCode.VERSION_MISMATCH;
import static io.runledger.api.RunStatus.FAILED;
import static io.runledger.api.RunStatus.FINISHING;
import static io.runledger.api.RunStatus.QUEUED;
import static io.runledger.api.RunStatus.RUNNING;
import static io.runledger.api.RunStatus.STOPPED;
import static io.runledger.command.run.RunSpec.given;
import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Backoff;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent.*;
import io.runledger.command.store.LeaseTokens;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunDeciderTest {

    /** The sequence number of RunStarted in created, queued, started. */
    private static final long LEASE = 2;

    @Test
    void a_created_run_is_queued_in_the_same_breath() {
        given().when(create(NO_TIME)).then(created(), queued());
    }

    @Test
    void a_run_for_later_is_scheduled_instead() {
        given().when(create(NOW.plusSeconds(1))).then(created(), new RunScheduled(NOW.plusSeconds(1)));
    }

    @Test
    void a_run_for_now_or_earlier_is_queued_at_once() {
        given().when(create(NOW)).then(created(), queued());
        given().when(create(NOW.minusSeconds(1))).then(created(), queued());
    }

    @Test
    void a_run_is_created_once() {
        given(created(), queued()).when(create(NO_TIME)).thenRefused(CONFLICT);
    }

    @Test
    void a_start_makes_the_first_attempt() {
        given(created(), queued()).when(start()).then(new RunStarted(1, null, null));
    }

    @Test
    void a_start_with_a_lease_names_worker_and_lease() {
        given(created(), queued()).when(startLeased()).then(new RunStarted(1, "w1", 30));
    }

    @Test
    void a_started_run_is_not_started_again() {
        given(created(), queued(), started()).when(start()).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void the_holder_of_the_lease_reports() {
        given(created(), queued(), leased())
                .when(progress(LEASE))
                .then(new RunProgressed(50.0, "half"))
                .when(checkpoint(LEASE))
                .then(new RunCheckpointed(new Json("{\"page\":3}")))
                .when(addArtifact(LEASE))
                .then(new RunArtifactAdded(REPORT))
                .when(finish(LEASE))
                .then(new RunFinishing(null))
                .when(complete(LEASE))
                .then(succeeded());
    }

    @Test
    void without_the_lease_nobody_reports_on_a_leased_run() {
        for (Long wrong : new Long[] {null, 1L, 3L, LeaseTokens.FORGED}) {
            for (Report report : reports(wrong)) {
                Problem problem =
                        given(created(), queued(), leased()).when(report).thenRefused(LEASE_LOST);

                assertThat(problem.facts()).containsEntry("run_status", RUNNING).containsKey("allowed");
            }
        }
    }

    @Test
    void anybody_reports_on_a_run_that_is_not_leased() {
        given(created(), queued(), started()).when(progress(null)).then(new RunProgressed(50.0, "half"));
        given(created(), queued(), started()).when(complete(null)).then(succeeded());
    }

    @Test
    void a_token_for_a_run_that_is_not_leased_is_a_lost_one() {
        given(created(), queued(), started()).when(progress(LEASE)).thenRefused(LEASE_LOST);
    }

    @Test
    void a_note_needs_no_lease() {
        given(created(), queued(), leased()).when(note()).then(new RunNoted("agent.message", null));
    }

    @Test
    void whoever_holds_no_lease_may_still_stop_and_cancel() {
        given(created(), queued(), leased()).when(stop()).then(new RunStopped(RUNNING, "lunch"));
        given(created(), queued(), leased()).when(cancel()).then(new RunCancelled("no need"));
    }

    @Test
    void a_late_report_changes_nothing() {
        for (Report late : reports(LEASE)) {
            given(created(), queued(), leased(), new RunCancelled(null))
                    .when(late)
                    .thenRefused(INVALID_TRANSITION);
            given(created(), queued(), leased(), new RunStopped(RUNNING, null))
                    .when(late)
                    .thenRefused(INVALID_TRANSITION);
        }
    }

    @Test
    void the_lease_of_an_earlier_attempt_is_worth_nothing() {
        for (Report late : reports(LEASE)) {
            given(created(3, null), queued(), leased(), attemptFailed(1), queued(), new RunStarted(2, "w2", 30))
                    .when(late)
                    .thenRefused(LEASE_LOST);
        }
    }

    @Test
    void each_attempt_has_a_lease_of_its_own() {
        given(created(3, null), queued(), leased(), attemptFailed(1), queued(), new RunStarted(2, "w2", 30))
                .when(complete(5L))
                .then(succeeded());
    }

    @Test
    void a_failed_attempt_is_followed_by_another_while_some_are_left() {
        given(created(2, null), queued(), leased())
                .when(fail(LEASE, TIMED_OUT))
                .then(attemptFailed(1), queued())
                .when(start())
                .then(new RunStarted(2, null, null))
                .when(fail(null, TIMED_OUT))
                .then(new RunFailed(TIMED_OUT, 1));
    }

    @Test
    void a_retry_waits_for_the_back_off_which_grows() {
        Backoff backoff = new Backoff(Duration.ofSeconds(30), null, null);

        given(created(3, backoff), queued(), leased())
                .when(fail(LEASE, TIMED_OUT))
                .then(attemptFailed(1), new RunScheduled(NOW.plus(backoff.afterAttempt(1, RUN))));
        given(created(3, backoff), queued(), leased(), attemptFailed(1), queued(), new RunStarted(2, null, null))
                .when(fail(null, TIMED_OUT))
                .then(attemptFailed(2), new RunScheduled(NOW.plus(backoff.afterAttempt(2, RUN))));
    }

    @Test
    void an_error_that_may_not_be_retried_ends_the_run_with_attempts_left() {
        given(created(5, null), queued(), started()).when(fail(null, HOPELESS)).then(new RunFailed(HOPELESS, 1));
    }

    @Test
    void a_run_fails_while_it_is_finishing() {
        given(created(), queued(), started(), new RunFinishing(null))
                .when(fail(null, TIMED_OUT))
                .then(new RunFailed(TIMED_OUT, 1));
    }

    @Test
    void a_resumed_run_makes_a_new_attempt_and_keeps_count() {
        given(created(), queued(), started(), new RunFailed(TIMED_OUT, 1))
                .when(resume())
                .then(new RunResumed(null, null), queued())
                .when(start())
                .then(new RunStarted(2, null, null));
    }

    @Test
    void artifacts_come_before_the_end() {
        CompleteRun complete = new CompleteRun(RUN, context(), null, null, null, List.of(REPORT, REPORT));

        given(created(), queued(), started())
                .when(complete)
                .then(new RunArtifactAdded(REPORT), new RunArtifactAdded(REPORT), new RunSucceeded(null, null));
    }

    @Test
    void a_run_with_good_and_failed_items_succeeds_in_part() {
        given(created(), queued(), started(), recorded(good(0), bad(1)))
                .when(complete(null))
                .then(new RunPartiallySucceeded(new Json("42"), 0));
    }

    @Test
    void a_run_whose_items_are_all_good_succeeds() {
        given(created(), queued(), started(), recorded(good(0)), recorded(good(1)))
                .when(complete(null))
                .then(succeeded());
    }

    @Test
    void a_checkpoint_may_come_with_progress() {
        Json checkpoint = new Json("{\"page\":4}");

        given(created(), queued(), started())
                .when(new ProgressRun(RUN, context(), null, 10.0, null, checkpoint))
                .then(new RunProgressed(10.0, null), new RunCheckpointed(checkpoint));
    }

    @Test
    void a_stop_tells_where_it_stopped_and_a_resume_may_bring_new_input() {
        given(created(), queued())
                .when(stop())
                .then(new RunStopped(QUEUED, "lunch"))
                .when(new ResumeRun(RUN, context(), "back", new Json("[1]")))
                .then(new RunResumed("back", new Json("[1]")), queued());
    }

    @Test
    void an_ended_run_is_neither_stopped_nor_cancelled() {
        given(created(), queued(), started(), succeeded()).when(stop()).thenRefused(INVALID_TRANSITION);
        given(created(), queued(), started(), succeeded()).when(cancel()).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void stop_cancel_and_finish_twice_write_once() {
        given(created(), queued(), started(), new RunStopped(RUNNING, null))
                .when(stop())
                .thenNothing();
        given(created(), queued(), new RunCancelled(null)).when(cancel()).thenNothing();
        given(created(), queued(), leased(), new RunFinishing("a"))
                .when(finish(LEASE))
                .thenNothing();
    }

    @Test
    void a_finish_by_who_holds_no_lease_is_no_repeat() {
        given(created(), queued(), leased(), new RunFinishing(null))
                .when(finish(null))
                .thenRefused(INVALID_TRANSITION);
    }

    @Test
    void the_same_completion_under_the_same_lease_writes_once() {
        given(created(), queued(), leased(), succeeded()).when(complete(LEASE)).thenNothing();
        given(created(), queued(), started(), succeeded()).when(complete(null)).thenNothing();
    }

    @Test
    void another_completion_of_an_ended_run_is_refused() {
        given(created(), queued(), leased(), succeeded()).when(complete(null)).thenRefused(INVALID_TRANSITION);
        given(created(), queued(), leased(), succeeded())
                .when(new CompleteRun(RUN, context(), LEASE, new Json("43"), 0, List.of()))
                .thenRefused(INVALID_TRANSITION);
        given(created(), queued(), leased(), succeeded())
                .when(new CompleteRun(RUN, context(), LEASE, new Json("42"), 1, List.of()))
                .thenRefused(INVALID_TRANSITION);
        given(created(), queued(), leased(), succeeded())
                .when(fail(LEASE, TIMED_OUT))
                .thenRefused(INVALID_TRANSITION);
    }

    @Test
    void the_same_failure_under_the_same_lease_writes_once() {
        given(created(), queued(), leased(), new RunFailed(TIMED_OUT, 1))
                .when(fail(LEASE, TIMED_OUT))
                .thenNothing();
        given(created(2, null), queued(), leased(), attemptFailed(1), queued())
                .when(fail(LEASE, TIMED_OUT))
                .thenNothing();
        given(created(), queued(), leased(), new RunFailed(TIMED_OUT, 1))
                .when(fail(LEASE, HOPELESS))
                .thenRefused(INVALID_TRANSITION);
    }

    @Test
    void the_same_failure_of_the_next_attempt_is_no_repeat() {
        given(created(2, null), queued(), started(), attemptFailed(1), queued(), new RunStarted(2, null, null))
                .when(fail(null, TIMED_OUT))
                .then(new RunFailed(TIMED_OUT, 1));
    }

    @Test
    void resume_twice_writes_once() {
        given(historyTo(STOPPED), new RunResumed(null, null), queued())
                .when(resume())
                .thenNothing();
        given(historyTo(FAILED), new RunResumed(null, null), new RunScheduled(NOW))
                .when(resume())
                .thenNothing();
        given(historyTo(FAILED), new RunResumed(null, null), new RunBlocked("slot"))
                .when(resume())
                .thenNothing();
    }

    @Test
    void a_resume_with_another_input_is_no_repeat() {
        RunSpec resumed = given(historyTo(STOPPED), new RunResumed(null, new Json("[1]")), queued());

        resumed.when(new ResumeRun(RUN, context(), null, new Json("[1]"))).thenNothing();
        resumed.when(new ResumeRun(RUN, context(), null, new Json("[2]"))).thenRefused(INVALID_TRANSITION);
        resumed.when(resume()).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_queued_run_that_was_never_resumed_cannot_be_resumed() {
        given(created(), queued()).when(resume()).thenRefused(INVALID_TRANSITION);
        given(historyTo(STOPPED), new RunResumed(null, null), queued(), new RunStarted(1, null, null))
                .when(resume())
                .thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_run_stopped_after_a_resume_can_be_resumed_again() {
        given(historyTo(STOPPED), new RunResumed(null, null), queued(), new RunStopped(QUEUED, null))
                .when(resume())
                .then(new RunResumed(null, null), queued());
    }

    @Test
    void a_command_for_another_version_is_refused_and_told_the_version() {
        Problem problem = given(created(), queued())
                .when(new CancelRun(RUN, context(null, 0L), null))
                .thenRefused(VERSION_MISMATCH);

        assertThat(problem.facts()).containsEntry("run_version", 1L);
        given(created(), queued())
                .when(new CancelRun(RUN, context(null, 1L), null))
                .then(new RunCancelled(null));
    }

    @Test
    void a_repeat_is_answered_even_though_its_version_is_past() {
        given(created(), queued(), new RunCancelled(null))
                .when(new CancelRun(RUN, context(null, 1L), null))
                .thenNothing();
    }

    @Test
    void the_run_of_another_project_is_not_there() {
        Problem problem = given(created(), queued())
                .when(new CancelRun(RUN, contextOf("other"), null))
                .thenRefused(NOT_FOUND);

        assertThat(problem.facts()).isEmpty();
        given(created(), queued(), new RunCancelled(null))
                .when(new CancelRun(RUN, contextOf("other"), null))
                .thenRefused(NOT_FOUND);
    }

    @Test
    void a_stopped_run_keeps_its_history_and_goes_on_with_the_next_attempt() {
        given(historyTo(RUNNING), new RunCheckpointed(new Json("3")), new RunStopped(RUNNING, null))
                .when(resume())
                .then(new RunResumed(null, null), queued())
                .when(start())
                .then(new RunStarted(2, null, null));
    }

    @Test
    void a_refused_command_leaves_the_state_as_it_was() {
        RunState state = new RunState();
        historyTo(FINISHING).forEach(state::evolve);
        long before = state.version();
        Problem refused = org.assertj.core.api.Assertions.catchThrowableOfType(
                Problem.class, () -> RunDecider.decide(start(), state));

        assertThat(refused.code()).isEqualTo(INVALID_TRANSITION);
        assertThat(state.version()).isEqualTo(before);
        assertThat(state.status()).isEqualTo(FINISHING);
    }

    private static List<Report> reports(Long lease) {
        return List.of(
                progress(lease),
                checkpoint(lease),
                addArtifact(lease),
                finish(lease),
                complete(lease),
                fail(lease, TIMED_OUT));
    }

    private static RunAttemptFailed attemptFailed(int attempt) {
        return new RunAttemptFailed(attempt, TIMED_OUT, 1);
    }

    private static RunItemsRecorded recorded(ItemResult... results) {
        return new RunItemsRecorded(List.of(results));
    }

    private static ItemResult good(int index) {
        return new ItemResult(index, new Json("1"), null);
    }

    private static ItemResult bad(int index) {
        return new ItemResult(index, null, new RunError("e", "m", null, null));
    }
}
