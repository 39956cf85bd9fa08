package io.runledger.command.work;

import static io.runledger.api.ProblemCode.BAD_REQUEST;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.api.ProblemCode.NOT_FOUND;
import static io.runledger.api.ProblemCode.UNAVAILABLE;
import static io.runledger.command.work.WorkNode.Wanted.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.Concurrency;
import io.runledger.api.Problem;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunId;
import io.runledger.api.Terms;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.TestPostgres;
import io.runledger.command.store.WorkChannels;
import io.runledger.command.work.Leases.Action;
import io.runledger.command.work.Leases.Heard;
import io.runledger.command.work.Leases.Told;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queues, leases, timers, slots and dependencies of two nodes that share a database and nothing else. */
class WorkTest {

    private static final Told NOTHING = new Told(null, null);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Selection ANY = new Selection("default", List.of(), List.of());

    private TestPostgres postgres;
    private HikariDataSource secondPool;
    private WorkNode a;
    private WorkNode b;

    @BeforeEach
    void open() {
        postgres = TestPostgres.create();
        secondPool = postgres.pool(8);
        a = new WorkNode(postgres.app());
        b = new WorkNode(secondPool);
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        secondPool.close();
        postgres.close();
    }

    @Test
    void the_highest_priority_comes_first_then_the_oldest() {
        RunId old = a.create(plain());
        RunId urgent = a.create(plain().withPriority(7));
        RunId young = a.create(plain());
        RunId idle = a.create(plain().withPriority(-1));

        assertThat(a.claim(1)).containsExactly(urgent);
        assertThat(a.claim(2)).containsExactly(old, young);
        assertThat(a.claim(5)).containsExactly(idle);
        assertThat(a.claim(5)).isEmpty();
    }

    @Test
    void a_worker_gets_runs_of_its_queues_and_targets_only_and_never_of_another_project() {
        RunId mail = a.create(plain().in("mail").of("task:send"));
        RunId bill = a.create(plain().in("bill").of("task:send"));
        RunId print = a.create(plain().in("bill").of("task:print"));
        a.create("other", plain());

        assertThat(claimed("bill", "task:print")).containsExactly(print);
        assertThat(claimed("mail", "task:print")).isEmpty();
        assertThat(claimed("mail", null)).containsExactly(mail);
        assertThat(claimed(null, "task:send")).containsExactly(bill);
        assertThat(a.claim(10)).isEmpty();
    }

    private List<RunId> claimed(String queue, String target) {
        Selection selection = new Selection(
                "default",
                queue == null ? List.of() : List.of(queue, "nothing"),
                target == null ? List.of() : List.of("task:nothing", target));
        return a.claim(selection, 5, Duration.ZERO).join().stream()
                .map(Outcome::runId)
                .toList();
    }

    @Test
    void a_claim_is_a_start_under_a_lease() {
        RunId run = a.create(plain());

        Outcome claimed = b.claim(ANY, 1, Duration.ZERO).join().getFirst();

        assertThat(claimed).isEqualTo(new Outcome(run, 2, 2L, true));
        assertThat(row(run)).isEqualTo("running 2 w1 30");
        assertThat(seconds("lease_expires_at", run)).isBetween(25.0, 30.0);
    }

    @Test
    void two_nodes_never_hand_out_one_run_twice() throws Exception {
        int runs = 300;
        for (int i = 0; i < runs; i++) {
            a.create(plain());
        }
        List<RunId> handedOut = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                WorkNode node = i % 2 == 0 ? a : b;
                int max = 1 + i;
                all.add(workers.submit(() -> {
                    // What another one has picked and not yet started is nobody's for a moment.
                    for (int empty = 0; empty < 3; ) {
                        List<RunId> got = node.claim(max);
                        handedOut.addAll(got);
                        empty = got.isEmpty() ? empty + 1 : 0;
                    }
                }));
            }
            for (Future<?> worker : all) {
                worker.get();
            }
        }

        assertThat(handedOut).doesNotHaveDuplicates();
        await().atMost(LONG).untilAsserted(() -> {
            handedOut.addAll(a.claim(100));
            assertThat(new HashSet<>(handedOut)).hasSize(runs);
        });
        assertThat(handedOut).hasSize(runs);
    }

    @Test
    void a_worker_that_waits_is_served_by_the_commit_of_another_node() {
        CompletableFuture<List<Outcome>> waiting = a.claim(ANY, 1, LONG);
        await().until(() -> a.desk.waiting() == 1);

        RunId run = b.create(plain());
        a.hears(WorkChannels.QUEUE);

        assertThat(waiting.join()).extracting(Outcome::runId).containsExactly(run);
        assertThat(a.desk.waiting()).isZero();
    }

    @Test
    void a_worker_that_waits_is_served_even_when_no_signal_comes() {
        CompletableFuture<List<Outcome>> waiting = a.claim(ANY, 1, LONG);
        RunId run = b.create(plain());

        assertThat(waiting.join()).extracting(Outcome::runId).containsExactly(run);
    }

    @Test
    void one_run_serves_one_of_those_who_wait_and_the_first_in_line() {
        CompletableFuture<List<Outcome>> first = a.claim(ANY, 10, LONG);
        CompletableFuture<List<Outcome>> second = a.claim(ANY, 10, LONG);
        await().until(() -> a.desk.waiting() == 2);

        a.create(plain());
        a.hears(WorkChannels.QUEUE);

        assertThat(first.join()).hasSize(1);
        assertThat(second).isNotDone();
    }

    @Test
    void a_worker_waits_no_longer_than_it_wants() {
        assertThat(a.claim(ANY, 1, Duration.ofMillis(30)).join()).isEmpty();
    }

    @Test
    void a_worker_that_has_gone_gets_nothing() {
        CompletableFuture<List<Outcome>> gone = a.claim(ANY, 1, LONG);
        CompletableFuture<List<Outcome>> stays = a.claim(ANY, 1, LONG);
        await().until(() -> a.desk.waiting() == 2);
        gone.cancel(false);

        RunId run = a.create(plain());
        a.hears(WorkChannels.QUEUE);

        assertThat(stays.join()).extracting(Outcome::runId).containsExactly(run);
    }

    @Test
    void no_more_workers_wait_than_may() {
        for (int i = 0; i < WorkNode.MOST_WAITING; i++) {
            assertThat(a.claim(ANY, 1, LONG)).isNotDone();
        }

        Problem problem = catchThrowableOfType(Problem.class, () -> a.claim(ANY, 1, LONG));

        assertThat(problem.code()).isEqualTo(UNAVAILABLE);
    }

    @Test
    void who_waits_when_the_node_stops_is_sent_away_with_nothing() {
        CompletableFuture<List<Outcome>> waiting = a.claim(ANY, 1, LONG);

        a.desk.stop();

        assertThat(waiting.join()).isEmpty();
        assertThat(catchThrowableOfType(Problem.class, () -> a.claim(1)).code()).isEqualTo(UNAVAILABLE);
    }

    @Test
    void a_run_that_was_cancelled_after_it_was_picked_is_not_handed_out() {
        RunId run = a.create(plain());
        assertThat(new Reservations(new WorkStatements(secondPool)).reserve(ANY, 5))
                .containsExactly(run);
        a.ledger.send(new CancelRun(run, WorkNode.context("default"), null));

        assertThat(a.claim(5)).isEmpty();
        assertThat(rows()).isZero();
    }

    @Test
    void a_run_that_was_picked_by_a_node_that_died_is_picked_again() {
        RunId run = a.create(plain());
        assertThat(new Reservations(new WorkStatements(secondPool)).reserve(ANY, 5))
                .containsExactly(run);
        assertThat(a.claim(5)).as("picked by another node").isEmpty();

        pass("2 seconds");

        assertThat(a.claim(5)).containsExactly(run);
    }

    @Test
    void a_heartbeat_prolongs_the_lease_and_tells_how_far_it_is() {
        RunId run = claimedRun(1);
        pass("20 seconds");

        Heard heard = b.leases.heartbeat("default", run, 2, new Told(40.0, "on it"));

        assertThat(heard.action()).isEqualTo(Action.CONTINUE);
        assertThat(seconds("lease_expires_at", run)).isBetween(25.0, 30.0);
        b.leases.heartbeat("default", run, 2, new Told(null, "more"));
        assertThat(postgres.jdbc()
                        .sql("select progress_percent || ' ' || progress_message from ledger.work")
                        .query(String.class)
                        .single())
                .isEqualTo("40 more");
        assertThat(events(run)).as("a heartbeat is no event").hasSize(3);
    }

    @Test
    void a_heartbeat_hears_of_a_cancel_and_of_a_stop() {
        RunId cancelled = claimedRun(1);
        RunId stopped = claimedRun(1);
        a.ledger.send(new CancelRun(cancelled, WorkNode.context("default"), null));
        a.ledger.send(new StopRun(stopped, WorkNode.context("default"), null));

        assertThat(a.leases.heartbeat("default", cancelled, 2, NOTHING)).isEqualTo(new Heard(null, Action.CANCEL));
        assertThat(a.leases.heartbeat("default", stopped, 2, NOTHING)).isEqualTo(new Heard(null, Action.STOP));
        a.ledger.send(new ResumeRun(stopped, WorkNode.context("default"), null, null));
        assertThat(a.leases.heartbeat("default", stopped, 2, NOTHING).action()).isEqualTo(Action.STOP);
    }

    @Test
    void a_heartbeat_under_a_lost_lease_is_refused() {
        RunId run = claimedRun(2);
        assertThat(refusal(run, 1).code()).isEqualTo(LEASE_LOST);
        assertThat(refusal(run, -1).code()).isEqualTo(LEASE_LOST);
        assertThat(catchThrowableOfType(Problem.class, () -> a.leases.heartbeat("other", run, 2, NOTHING))
                        .code())
                .isEqualTo(NOT_FOUND);

        pass("1 minute");

        assertThat(refusal(run, 2).code()).as("over, though nobody has noticed").isEqualTo(LEASE_LOST);
        a.timekeeper.look();
        assertThat(refusal(run, 2).code()).isEqualTo(LEASE_LOST);
        assertThat(a.claim(1)).containsExactly(run);
        assertThat(refusal(run, 2).code()).as("another one has it").isEqualTo(LEASE_LOST);
        assertThat(a.leases.heartbeat("default", run, 5, NOTHING).action()).isEqualTo(Action.CONTINUE);
    }

    private Problem refusal(RunId run, long lease) {
        return catchThrowableOfType(Problem.class, () -> a.leases.heartbeat("default", run, lease, NOTHING));
    }

    @Test
    void a_lease_that_runs_out_fails_the_attempt_once_whichever_node_finds_it() throws Exception {
        RunId run = claimedRun(2);
        a.timekeeper.look();
        assertThat(events(run)).as("not over yet").hasSize(3);

        pass("1 minute");
        look(a, b);

        assertThat(events(run))
                .containsExactly("run.created", "run.queued", "run.started", "run.attempt_failed", "run.queued");
        assertThat(a.claim(1)).containsExactly(run);
        pass("1 minute");
        look(a, b);
        assertThat(events(run)).endsWith("run.started", "run.failed").hasSize(7);
        assertThat(rows()).isZero();
    }

    @Test
    void a_lease_that_was_prolonged_does_not_run_out_when_it_would_have() {
        RunId run = claimedRun(1);
        pass("20 seconds");
        a.leases.heartbeat("default", run, 2, NOTHING);
        pass("20 seconds");

        a.timekeeper.look();

        assertThat(events(run)).hasSize(3);
        assertThat(seconds("due_at", run)).as("put off to its end").isBetween(5.0, 10.0);
        pass("20 seconds");
        a.timekeeper.look();
        assertThat(events(run)).last().isEqualTo("run.failed");
    }

    @Test
    void clocks_of_nodes_that_are_ahead_or_behind_or_stand_still_neither_end_nor_prolong_a_lease() throws Exception {
        Clock now = Clock.systemUTC();
        try (WorkNode ahead = new WorkNode(postgres.app(), Clock.offset(now, Duration.ofHours(1)));
                WorkNode behind = new WorkNode(secondPool, Clock.offset(now, Duration.ofHours(-1)));
                WorkNode fast = new WorkNode(postgres.app(), Clock.offset(now, Duration.ofSeconds(30)));
                WorkNode slow = new WorkNode(secondPool, Clock.offset(now, Duration.ofSeconds(-30)));
                WorkNode frozen = new WorkNode(postgres.app(), Clock.fixed(now.instant(), ZoneOffset.UTC))) {
            WorkNode[] nodes = {ahead, behind, fast, slow, frozen};
            for (WorkNode claiming : nodes) {
                for (WorkNode beating : nodes) {
                    RunId run = claiming.create(plain());
                    assertThat(claiming.claim(1)).containsExactly(run);
                    look(nodes);
                    pass("20 seconds");
                    beating.leases.heartbeat("default", run, 2, NOTHING);
                    assertThat(seconds("lease_expires_at", run)).isBetween(25.0, 30.0);
                    pass("20 seconds");
                    look(nodes);
                    assertThat(events(run)).as("not over").last().isEqualTo("run.started");
                    pass("10 seconds");
                    look(nodes);
                    assertThat(events(run)).as("over").last().isEqualTo("run.failed");
                }
            }
        }
    }

    @Test
    void what_a_worker_reports_after_its_lease_was_ended_changes_nothing() {
        RunId run = claimedRun(2);
        pass("1 minute");
        a.timekeeper.look();
        RunId again = b.claim(1).getFirst();
        assertThat(again).isEqualTo(run);

        for (Report late : List.<Report>of(
                new ProgressRun(run, WorkNode.context("default"), 2L, 5.0, null, null),
                new CompleteRun(run, WorkNode.context("default"), 2L, null, null, List.of()),
                new FailRun(run, WorkNode.context("default"), 2L, new RunError("e", "m", null, null), null))) {
            assertThat(catchThrowableOfType(Problem.class, () -> a.ledger.send(late))
                            .code())
                    .isEqualTo(LEASE_LOST);
        }
        assertThat(events(run)).last().isEqualTo("run.started");
    }

    @Test
    void an_attempt_that_takes_too_long_is_ended_whatever_its_heartbeats_say() {
        RunId run = a.create(plain().on(new Terms(Duration.ofSeconds(40), null, null, null)));
        a.claim(1);
        pass("25 seconds");
        a.leases.heartbeat("default", run, 2, NOTHING);
        pass("25 seconds");
        a.timekeeper.look();

        assertThat(events(run)).last().isEqualTo("run.failed");
        assertThat(lastPayload(run)).contains("timed_out");
    }

    @Test
    void a_run_that_is_not_started_in_time_expires_and_one_that_is_does_not() {
        Terms ttl = new Terms(null, Instant.now().plusSeconds(60), null, null);
        RunId late = a.create(plain().on(ttl));
        RunId inTime = a.create(plain().on(ttl).withPriority(1));
        a.claim(1);
        b.leases.heartbeat("default", inTime, 2, NOTHING);
        postgres.jdbc()
                .sql("update ledger.work set lease_expires_at = now() + interval '1 day'")
                .update();
        pass("2 minutes");
        a.timekeeper.look();

        assertThat(lastPayload(late)).contains("expired");
        assertThat(events(late)).last().isEqualTo("run.failed");
        assertThat(events(inTime)).last().isEqualTo("run.started");
    }

    @Test
    void a_run_for_later_is_queued_when_its_time_has_come() throws Exception {
        RunId run = a.create(plain().at(Instant.now().plusSeconds(60)));
        a.timekeeper.look();
        assertThat(a.claim(1)).isEmpty();

        pass("61 seconds");
        look(a, b);

        assertThat(events(run)).containsExactly("run.created", "run.scheduled", "run.queued");
        assertThat(a.claim(1)).containsExactly(run);
    }

    @Test
    void no_more_runs_of_a_key_are_queued_or_running_than_the_limit_and_the_others_follow_in_order() {
        Terms two = new Terms(null, null, new Concurrency("k", 2), null);
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            runs.add(a.create(plain().on(two)));
        }
        RunId other = a.create(plain().on(new Terms(null, null, new Concurrency("other", 1), null)));
        a.timekeeper.look();
        b.timekeeper.look();

        assertThat(a.claim(10)).containsExactlyInAnyOrder(runs.get(0), runs.get(1), other);
        complete(runs.get(1));
        a.timekeeper.look();
        assertThat(a.claim(10)).containsExactly(runs.get(2));
        a.ledger.send(new CancelRun(runs.get(3), WorkNode.context("default"), null));
        complete(runs.get(0));
        a.timekeeper.look();
        assertThat(a.claim(10)).containsExactly(runs.get(4));
    }

    @Test
    void a_slot_is_kept_by_a_retry_and_given_back_by_a_stop_and_by_a_lease_that_ran_out() {
        Terms one = new Terms(null, null, new Concurrency("k", 1), null);
        RunId first = a.create(plain().on(one).withAttempts(2));
        RunId second = a.create(plain().on(one));
        a.timekeeper.look();
        assertThat(a.claim(5)).containsExactly(first);
        pass("1 minute");
        a.timekeeper.look();
        assertThat(a.claim(5)).as("its second attempt").containsExactly(first);

        a.ledger.send(new StopRun(first, WorkNode.context("default"), null));
        a.ledger.send(new ResumeRun(first, WorkNode.context("default"), null, null));
        a.timekeeper.look();

        assertThat(a.claim(5)).as("the other was first in line").containsExactly(second);
        pass("1 minute");
        a.timekeeper.look();
        assertThat(a.claim(5)).containsExactly(first);
    }

    @Test
    void two_nodes_that_admit_at_once_do_not_exceed_the_limit() throws Exception {
        Terms three = new Terms(null, null, new Concurrency("k", 3), null);
        Set<RunId> left = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            left.add(a.create(plain().on(three)));
        }
        while (!left.isEmpty()) {
            look(a, b);
            assertThat(postgres.jdbc()
                            .sql("select count(*) from ledger.work where status in ('queued', 'running')")
                            .query(Long.class)
                            .single())
                    .isEqualTo(3);
            List<RunId> got = a.claim(10);
            assertThat(got).hasSize(3);
            got.forEach(this::complete);
            left.removeAll(got);
        }
    }

    @Test
    void a_run_waits_for_all_the_runs_that_it_depends_on() {
        RunId one = a.create(plain());
        RunId two = a.create(plain());
        RunId child = a.create(plain().on(new Terms(null, null, null, List.of(one, two))));
        a.timekeeper.look();
        assertThat(a.claim(5)).containsExactly(one, two);

        complete(one);
        a.timekeeper.look();
        b.timekeeper.look();
        assertThat(a.claim(5)).isEmpty();
        complete(two);
        b.timekeeper.look();

        assertThat(a.claim(5)).containsExactly(child);
        assertThat(events(child)).containsExactly("run.created", "run.blocked", "run.queued", "run.started");
    }

    @Test
    void a_run_whose_dependency_fails_is_skipped_and_so_is_what_depends_on_it() {
        RunId parent = claimedRun(1);
        RunId child = a.create(plain().on(new Terms(null, null, null, List.of(parent))));
        RunId grandchild = a.create(plain().on(new Terms(null, null, null, List.of(child))));
        a.timekeeper.look();
        a.ledger.send(new CancelRun(parent, WorkNode.context("default"), null));

        a.timekeeper.look();
        a.timekeeper.look();

        assertThat(events(child)).last().isEqualTo("run.skipped");
        assertThat(events(grandchild)).last().isEqualTo("run.skipped");
    }

    @Test
    void a_run_that_depends_on_what_has_ended_already_does_not_wait() {
        RunId parent = claimedRun(1);
        complete(parent);
        RunId child = b.create(plain().on(new Terms(null, null, null, List.of(parent))));

        a.timekeeper.look();

        assertThat(a.claim(5)).containsExactly(child);
    }

    @Test
    void a_node_that_starts_finds_what_waits_for_runs_that_ended_while_there_was_no_node() {
        RunId parent = claimedRun(1);
        RunId child = a.create(plain().on(new Terms(null, null, null, List.of(parent))));
        a.timekeeper.look();
        complete(parent);

        b.timekeeper.look();

        assertThat(b.claim(5)).containsExactly(child);
    }

    @Test
    void a_dependency_that_is_not_there_or_not_yours_is_refused_with_its_place() {
        RunId yours = a.create("other", plain());
        RunId mine = a.create(plain());

        Problem problem = catchThrowableOfType(
                Problem.class, () -> a.create(plain().on(new Terms(null, null, null, List.of(mine, yours)))));

        assertThat(problem.code()).isEqualTo(BAD_REQUEST);
        assertThat(problem.errors()).extracting("pointer").containsExactly("/depends_on/1");
    }

    @Test
    void the_queues_tell_how_they_stand() {
        a.create(plain().in("slow"));
        a.create(plain().in("slow"));
        claimedRun(1);
        a.create("other", plain().in("theirs"));

        List<Queues.Standing> queues = a.queues.of("default");

        assertThat(queues).extracting(Queues.Standing::queue).containsExactly("default", "slow");
        assertThat(queues).extracting(Queues.Standing::depth).containsExactly(0L, 2L);
        assertThat(queues).extracting(Queues.Standing::running).containsExactly(1L, 0L);
        assertThat(queues).extracting(Queues.Standing::workers).containsExactly(1L, 0L);
        assertThat(queues.get(0).oldestAgeMs()).isNull();
        assertThat(queues.get(1).oldestAgeMs()).isNotNegative();
    }

    private RunId claimedRun(int attempts) {
        RunId run = a.create(plain().withAttempts(attempts).withPriority(50));
        assertThat(a.claim(1)).containsExactly(run);
        return run;
    }

    private void complete(RunId run) {
        long lease = postgres.jdbc()
                .sql("select version from ledger.work where run_id = ?")
                .param(run.value())
                .query(Long.class)
                .single();
        b.ledger.send(new CompleteRun(run, WorkNode.context("default"), lease, null, null, List.of()));
    }

    /** As if so much time had passed for the database. */
    private void pass(String interval) {
        postgres.jdbc().sql("""
                        update ledger.work set due_at = due_at - i, lease_expires_at = lease_expires_at - i,
                            timeout_at = timeout_at - i, run_at = run_at - i, expires_at = expires_at - i,
                            reserved_until = reserved_until - i
                        from (select cast(? as interval) as i) as passed""").param(interval).update();
    }

    private static void look(WorkNode... nodes) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(nodes.length)) {
            List<Future<?>> looking = new ArrayList<>();
            for (WorkNode node : nodes) {
                looking.add(executor.submit(node.timekeeper::look));
            }
            for (Future<?> one : looking) {
                one.get();
            }
        }
    }

    private String row(RunId run) {
        return postgres.jdbc()
                .sql("select concat_ws(' ', status, version, worker, lease_seconds) from ledger.work where run_id = ?")
                .param(run.value())
                .query(String.class)
                .single();
    }

    private double seconds(String column, RunId run) {
        return postgres.jdbc()
                .sql("select extract(epoch from " + column + " - now()) from ledger.work where run_id = ?")
                .param(run.value())
                .query(Double.class)
                .single();
    }

    private long rows() {
        return postgres.jdbc()
                .sql("select count(*) from ledger.work")
                .query(Long.class)
                .single();
    }

    private List<String> events(RunId run) {
        return postgres.jdbc()
                .sql("select type from ledger.event where run_id = ? order by sequence")
                .param(run.value())
                .query(String.class)
                .list();
    }

    private String lastPayload(RunId run) {
        return postgres.jdbc()
                .sql("select payload::text from ledger.event where run_id = ? order by sequence desc limit 1")
                .param(run.value())
                .query(String.class)
                .single();
    }
}
