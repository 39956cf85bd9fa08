package io.runledger.command.run;

import static io.runledger.api.ProblemCode.INVALID_TRANSITION;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.command.run.RunSpec.given;
import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Backoff;
import io.runledger.api.Concurrency;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.api.Terms;
import io.runledger.command.store.WorkChange;
import io.runledger.command.store.WorkChange.Gone;
import io.runledger.command.store.WorkChange.Standing;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger does by itself: leases and attempts that end, waits that are over, and what must be watched. */
class RunWaitsTest {

    private static final long LEASE = 2;
    private static final RunId PARENT = RunId.of("01KGA0C8G0000000000000000B");
    private static final Terms SLOT = new Terms(null, null, new Concurrency("k", 1), null);
    private static final Terms PARENT_FIRST = new Terms(null, null, null, List.of(PARENT));
    private static final Terms BOTH = new Terms(null, null, new Concurrency("k", 1), List.of(PARENT));
    private static final RunBlocked ON_PARENT = new RunBlocked("run:" + PARENT);
    private static final RunBlocked ON_SLOT = new RunBlocked("concurrency:k");

    @Test
    void a_lease_that_runs_out_is_a_failed_attempt() {
        RunEvent failed = given(created(2, null), queued(), leased())
                .when(new ExpireLease(RUN, context(), LEASE))
                .decided()
                .getFirst();

        assertThat(((RunAttemptFailed) failed).error().code()).isEqualTo("lease_expired");
        given(created(2, null), queued(), leased(), failed, queued(), new RunStarted(2, "w2", 30))
                .when(new ExpireLease(RUN, context(), 5))
                .thenOne(
                        RunFailed.class, last -> assertThat(last.error().code()).isEqualTo("lease_expired"));
    }

    @Test
    void the_lease_of_an_attempt_that_is_over_does_not_end_the_next_one() {
        given(created(3, null), queued(), leased(), new RunAttemptFailed(1, TIMED_OUT, null), queued(), leased())
                .when(new ExpireLease(RUN, context(), LEASE))
                .thenRefused(LEASE_LOST);
        given(created(3, null), queued(), leased(), new RunAttemptFailed(1, TIMED_OUT, null), queued(), started())
                .when(new TimeOutRun(RUN, context(), LEASE))
                .thenRefused(LEASE_LOST);
    }

    @Test
    void an_expired_lease_waits_for_the_back_off_too() {
        Backoff backoff = new Backoff(Duration.ofSeconds(30), null, null);

        List<RunEvent> events = given(created(2, backoff), queued(), leased())
                .when(new ExpireLease(RUN, context(), LEASE))
                .decided();

        assertThat(events).last().isEqualTo(new RunScheduled(NOW.plus(backoff.afterAttempt(1, RUN))));
    }

    @Test
    void an_attempt_without_a_lease_can_take_too_long() {
        given(created(), queued(), started())
                .when(new TimeOutRun(RUN, context(), LEASE))
                .thenOne(
                        RunFailed.class,
                        failed -> assertThat(failed.error().code()).isEqualTo("timed_out"));
    }

    @Test
    void a_run_that_was_not_started_in_time_fails_for_good() {
        given(created(5, null), queued())
                .when(new ExpireRun(RUN, context()))
                .thenOne(
                        RunFailed.class,
                        failed -> assertThat(failed.error().code()).isEqualTo("expired"));
        given(created(5, null), queued(), started())
                .when(new ExpireRun(RUN, context()))
                .thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_scheduled_run_is_queued_when_its_time_has_come() {
        given(created(), new RunScheduled(NOW)).when(queue(null)).then(queued());
    }

    @Test
    void a_run_with_a_concurrency_waits_for_a_slot_and_is_queued_with_it() {
        given().when(create(SLOT))
                .then(createdWith(SLOT), ON_SLOT)
                .when(queue(null))
                .thenRefused(INVALID_TRANSITION);
        given(createdWith(SLOT), ON_SLOT).when(queue(0)).then(queued());
    }

    @Test
    void a_run_waits_for_other_runs_before_it_waits_for_a_slot() {
        given().when(create(BOTH))
                .then(createdWith(BOTH), ON_PARENT)
                .when(queue(null))
                .then(ON_SLOT)
                .when(queue(0))
                .then(queued());
        given(createdWith(PARENT_FIRST), ON_PARENT).when(queue(null)).then(queued());
    }

    @Test
    void a_run_for_later_waits_for_its_runs_when_its_time_has_come_and_a_retry_does_not() {
        given(createdWith(BOTH), new RunScheduled(NOW)).when(queue(null)).then(ON_PARENT);
        given(createdWith(BOTH), queued(), started(), new RunScheduled(NOW))
                .when(queue(null))
                .then(ON_SLOT);
    }

    @Test
    void a_resumed_run_waits_for_a_slot_again() {
        given(createdWith(SLOT), queued(), new RunStopped(RunStatus.QUEUED, null))
                .when(resume())
                .then(new RunResumed(null, null), ON_SLOT);
    }

    @Test
    void a_run_whose_parent_did_not_succeed_is_skipped() {
        given(createdWith(PARENT_FIRST), ON_PARENT)
                .when(new SkipRun(RUN, context(), "no parent"))
                .then(new RunSkipped("no parent"));
    }

    @Test
    void a_queued_run_stands_where_workers_find_it() {
        assertThat(change(create(NO_TIME))).isInstanceOfSatisfying(Standing.class, row -> {
            assertThat(row.status()).isEqualTo(RunStatus.QUEUED);
            assertThat(row.version()).isEqualTo(1);
            assertThat(row.queue()).isEqualTo("default");
            assertThat(row.target()).isEqualTo("task:send-mail");
        });
    }

    @Test
    void a_leased_run_is_watched_under_its_fencing_number() {
        assertThat(change(startLeased(), created(), queued())).isInstanceOfSatisfying(Standing.class, row -> {
            assertThat(row.status()).isEqualTo(RunStatus.RUNNING);
            assertThat(row.version()).isEqualTo(LEASE);
            assertThat(row.leaseSeconds()).isEqualTo(30);
        });
        assertThat(change(progress(LEASE), created(), queued(), leased())).isNull();
        assertThat(change(finish(LEASE), created(), queued(), leased())).isNull();
        assertThat(change(complete(LEASE), created(), queued(), leased())).isEqualTo(new Gone(RUN, false));
        assertThat(change(complete(LEASE), created(), queued(), leased(), new RunFinishing(null)))
                .isEqualTo(new Gone(RUN, false));
        assertThat(change(stop(), created(), queued(), leased())).isEqualTo(new Gone(RUN, false));
    }

    @Test
    void a_run_that_somebody_drives_without_a_lease_needs_no_watching() {
        assertThat(change(start(), created(), queued())).isEqualTo(new Gone(RUN, false));
        assertThat(change(complete(null), created(), queued(), started())).isNull();
        assertThat(change(fail(null, HOPELESS), created(), queued(), started(), new RunFinishing(null)))
                .isNull();
    }

    @Test
    void an_attempt_that_may_take_only_so_long_is_watched_without_a_lease() {
        Terms timeout = new Terms(Duration.ofMinutes(5), NOW.plusSeconds(9), null, null);

        assertThat(change(start(), createdWith(timeout), queued())).isInstanceOfSatisfying(Standing.class, row -> {
            assertThat(row.timeout()).isEqualTo(Duration.ofMinutes(5));
            assertThat(row.expiresAt()).isNull();
        });
        assertThat(change(complete(null), createdWith(timeout), queued(), started()))
                .isEqualTo(new Gone(RUN, false));
    }

    @Test
    void a_slot_is_given_with_the_queueing_and_free_when_the_run_is_gone() {
        assertThat(change(queue(3), createdWith(SLOT), ON_SLOT))
                .isInstanceOfSatisfying(
                        Standing.class, row -> assertThat(row.slot()).isEqualTo(3));
        assertThat(change(complete(null), createdWith(SLOT), queued(), started()))
                .isEqualTo(new Gone(RUN, true));
    }

    @Test
    void a_retry_goes_back_to_the_queue_with_its_new_version() {
        assertThat(change(fail(LEASE, TIMED_OUT), created(2, null), queued(), leased()))
                .isInstanceOfSatisfying(Standing.class, row -> {
                    assertThat(row.status()).isEqualTo(RunStatus.QUEUED);
                    assertThat(row.version()).isEqualTo(4);
                    assertThat(row.leaseSeconds()).isNull();
                });
    }

    private static WorkChange change(io.runledger.api.RunCommand command, RunEvent... history) {
        RunState state = new RunState();
        List.of(history).forEach(state::evolve);
        return RunWork.change(command, RunDecider.decide(command, state), state);
    }

    private static QueueRun queue(Integer slot) {
        return new QueueRun(RUN, context(), slot);
    }
}
