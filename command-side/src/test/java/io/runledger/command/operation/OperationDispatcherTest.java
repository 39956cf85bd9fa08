package io.runledger.command.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.Caller;
import io.runledger.api.Json;
import io.runledger.api.NextRuns;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import io.runledger.command.operation.Operation.Status;
import io.runledger.command.operation.Operations.Wish;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Operations of two nodes that share a database and nothing else; what is done to a run is counted here. */
class OperationDispatcherTest {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    private static final Caller CALLER = new Caller("default", "key:ci");
    private static final int PAGE = 10;
    private static final int PARALLEL = 3;
    private static final OperationSettings SETTINGS = new OperationSettings(1_000, 3, PAGE, PARALLEL);

    private TestPostgres postgres;
    private HikariDataSource secondPool;
    private Operations operations;
    private final Runs runs = new Runs(25);
    private OperationDispatcher one;
    private OperationDispatcher two;

    /** So many runs; some may refuse, or fail in other ways. */
    private static final class Runs implements OperationPlan {

        final List<RunId> all;
        final Map<RunId, AtomicInteger> commands = new ConcurrentHashMap<>();
        final Map<RunId, RuntimeException> failures = new ConcurrentHashMap<>();
        final List<String> order = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger atOnce = new AtomicInteger();
        final AtomicInteger mostAtOnce = new AtomicInteger();
        Runnable meanwhile = () -> {};

        Runs(int count) {
            all = IntStream.range(0, count).mapToObj(i -> RunId.at(1, 0, i)).toList();
        }

        @Override
        public NextRuns next(Operation operation, int limit) {
            order.add(operation.id());
            RunId upTo = operation.upTo();
            int from = upTo == null ? 0 : all.indexOf(upTo) + 1;
            List<RunId> page = all.subList(from, Math.min(all.size(), from + limit));
            return new NextRuns(page, from + limit >= all.size() ? null : page.getLast());
        }

        @Override
        public void carryOut(Operation operation, RunId run) {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            try {
                meanwhile.run();
                RuntimeException failure = failures.get(run);
                if (failure != null) {
                    throw failure;
                }
                commands.computeIfAbsent(run, _ -> new AtomicInteger()).incrementAndGet();
            } finally {
                atOnce.decrementAndGet();
            }
        }
    }

    @BeforeEach
    void open() {
        postgres = TestPostgres.create();
        secondPool = postgres.pool(4);
        operations = new Operations(postgres.jdbc(), SETTINGS.mostUnderWay());
        one = new OperationDispatcher(operations, runs, SETTINGS);
        two = new OperationDispatcher(new Operations(JdbcClient.create(secondPool), 3), runs, SETTINGS);
    }

    @AfterEach
    void close() {
        one.stop();
        two.stop();
        secondPool.close();
        postgres.close();
    }

    private Operation begin(@Nullable String commandId) {
        return operations.open(
                new Wish(
                        IDS.next().value(),
                        BulkCommand.CANCEL,
                        new Json("{\"status\": \"queued\"}"),
                        "why",
                        commandId,
                        17,
                        runs.all.size()),
                CALLER,
                "req-1");
    }

    private Operation now(Operation operation) {
        return operations.find("default", id(operation));
    }

    private static UUID id(Operation operation) {
        return Objects.requireNonNull(Ulid.parse(operation.id()));
    }

    /** What would happen in the ten seconds after a node has died at a page. */
    private void timeIsUp() {
        postgres.jdbc()
                .sql("update ledger.operation set due_at = now() where due_at > now()")
                .update();
    }

    @Test
    void an_operation_goes_page_by_page_and_says_how_far_it_is() {
        Operation operation = begin(null);
        assertThat(operation.status()).isEqualTo(Status.RUNNING);
        assertThat(operation.left()).isEqualTo(25);

        assertThat(one.carryOutPage()).isTrue();
        assertThat(now(operation).done()).isEqualTo(10);
        assertThat(now(operation).left()).isEqualTo(15);
        assertThat(two.carryOutPage()).isTrue();
        assertThat(one.carryOutPage()).isTrue();
        assertThat(one.carryOutPage()).isFalse();

        Operation end = now(operation);
        assertThat(end.status()).isEqualTo(Status.COMPLETED);
        assertThat(end.done()).isEqualTo(25);
        assertThat(end.left()).isZero();
        assertThat(end.finishedAt()).isNotNull();
        assertThat(runs.commands.keySet()).containsExactlyInAnyOrderElementsOf(runs.all);
        assertThat(runs.mostAtOnce.get()).isBetween(1, PARALLEL);
    }

    @Test
    void a_run_that_refuses_does_not_keep_the_others_from_their_turn() {
        runs.failures.put(runs.all.get(3), new Problem(ProblemCode.INVALID_TRANSITION, "It has ended."));
        runs.failures.put(runs.all.get(12), new Problem(ProblemCode.INVALID_TRANSITION, "It has ended, too."));
        runs.failures.put(runs.all.get(20), new IllegalStateException("a fault of ours"));
        Operation operation = begin(null);

        while (one.carryOutPage()) {
            // Until nothing is due.
        }

        Operation end = now(operation);
        assertThat(end.done()).isEqualTo(22);
        assertThat(end.failed()).isEqualTo(3);
        assertThat(end.status()).isEqualTo(Status.COMPLETED);
        assertThat(end.failures())
                .extracting(failure -> failure.code() + " " + failure.runs())
                .containsExactly("invalid_transition 2", "internal_error 1");
        assertThat(end.failures().getFirst().examples())
                .extracting(Operation.Refusal::detail)
                .containsExactly("It has ended.", "It has ended, too.");
    }

    @Test
    void a_page_that_a_crash_has_interrupted_is_carried_out_again_by_any_node() {
        Operation operation = begin(null);
        one.carryOutPage();
        assertThat(operations.take()).as("taken by a node that dies then").isNotNull();

        assertThat(two.carryOutPage())
                .as("held by the other one, for all that is known")
                .isFalse();
        timeIsUp();
        assertThat(two.carryOutPage()).isTrue();

        assertThat(now(operation).done()).isEqualTo(20);
    }

    @Test
    void of_two_nodes_at_one_page_only_one_is_counted() {
        Operation operation = begin(null);
        Operation slow = Objects.requireNonNull(operations.take());
        timeIsUp();
        two.carryOutPage();
        Tally tally = new Tally(List.of());
        runs.all.subList(0, PAGE).forEach(_ -> tally.done());

        operations.note(slow, tally, runs.all.get(PAGE - 1), false);
        operations.holdUp(slow, "slow");

        assertThat(now(operation).done()).isEqualTo(PAGE);
        assertThat(now(operation).heldUpBy()).isNull();
    }

    @Test
    void a_database_that_is_away_holds_an_operation_up_and_fails_no_run() {
        RunId unlucky = runs.all.get(4);
        for (RuntimeException failure : List.of(
                new Problem(ProblemCode.UNAVAILABLE, "The view is not up to date."),
                new DataAccessResourceFailureException("gone"))) {
            runs.failures.put(unlucky, failure);
            Operation operation = begin(null);

            assertThat(one.carryOutPage()).isTrue();

            Operation held = now(operation);
            assertThat(held.done() + held.failed()).isZero();
            assertThat(held.heldUpBy()).isIn("The view is not up to date.", "The database is away.");
            assertThat(one.carryOutPage()).as("it pauses").isFalse();
            runs.failures.clear();
            timeIsUp();
            one.carryOutPage();
            assertThat(now(operation).heldUpBy()).isNull();
            assertThat(now(operation).done()).isEqualTo(PAGE);
            operations.cancel("default", id(operation));
        }
    }

    @Test
    void operations_take_turns() {
        Operation first = begin(null);
        Operation second = begin(null);

        while (one.carryOutPage()) {
            // Until nothing is due.
        }

        assertThat(runs.order)
                .containsExactly(first.id(), second.id(), first.id(), second.id(), first.id(), second.id());
    }

    @Test
    void an_operation_that_waits_is_cancelled_at_once() {
        Operation operation = begin(null);
        one.carryOutPage();

        Operation cancelled = operations.cancel("default", id(operation));

        assertThat(cancelled.status()).isEqualTo(Status.CANCELLED);
        assertThat(cancelled.finishedAt()).isNotNull();
        assertThat(one.carryOutPage()).isFalse();
        assertThat(now(operation).done()).isEqualTo(PAGE);
        assertThat(operations.cancel("default", id(operation)).status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void one_that_is_under_way_is_cancelled_after_its_page_which_counts() {
        Operation operation = begin(null);
        List<Status> seen = Collections.synchronizedList(new ArrayList<>());
        runs.meanwhile =
                () -> seen.add(operations.cancel("default", id(operation)).status());

        one.carryOutPage();

        assertThat(seen).hasSize(PAGE).containsOnly(Status.CANCELLING);
        assertThat(now(operation).status()).isEqualTo(Status.CANCELLED);
        assertThat(now(operation).done()).isEqualTo(PAGE);
        assertThat(one.carryOutPage()).isFalse();
    }

    @Test
    void one_that_was_being_cancelled_when_its_node_died_is_ended_by_another() {
        Operation operation = begin(null);
        operations.take();
        assertThat(operations.cancel("default", id(operation)).status()).isEqualTo(Status.CANCELLING);
        timeIsUp();

        two.carryOutPage();

        assertThat(now(operation).status()).isEqualTo(Status.CANCELLED);
        assertThat(runs.commands).isEmpty();
    }

    @Test
    void what_has_completed_cannot_be_cancelled() {
        Operation operation = begin(null);
        while (one.carryOutPage()) {
            // Until nothing is due.
        }

        Problem refused = catchThrowableOfType(Problem.class, () -> operations.cancel("default", id(operation)));

        assertThat(refused.code()).isEqualTo(ProblemCode.CONFLICT);
    }

    @Test
    void the_same_command_id_is_the_same_operation() {
        Operation first = begin("mine");

        assertThat(begin("mine").id()).isEqualTo(first.id());
        assertThat(Objects.requireNonNull(operations.given("default", "mine")).id())
                .isEqualTo(first.id());
        assertThat(operations.given("other", "mine")).isNull();
        assertThat(operations.page("default", null, 10)).hasSize(1);
    }

    @Test
    void a_project_has_a_bounded_number_of_them_under_way() {
        begin(null);
        begin(null);
        begin("third");

        assertThat(catchThrowableOfType(Problem.class, () -> begin(null)).code())
                .isEqualTo(ProblemCode.CONFLICT);
        assertThat(begin("third").status()).as("known already").isEqualTo(Status.RUNNING);
        assertThat(one.carryOutPage()).isTrue();
        operations.cancel("default", id(begin("third")));
        assertThat(begin(null).status()).isEqualTo(Status.RUNNING);
    }

    @Test
    void they_are_listed_the_latest_first_and_by_project() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(begin(null).id());
        }
        ids.sort(Collections.reverseOrder());

        List<Operation> page = operations.page("default", null, 2);

        assertThat(page).extracting(Operation::id).containsExactlyElementsOf(ids.subList(0, 2));
        assertThat(operations.page("default", id(page.getLast()), 2))
                .extracting(Operation::id)
                .containsExactly(ids.getLast());
        assertThat(operations.page("other", null, 2)).isEmpty();
        assertThat(catchThrowableOfType(Problem.class, () -> operations.find("other", id(page.getFirst())))
                        .code())
                .isEqualTo(ProblemCode.NOT_FOUND);
    }

    @Test
    void nodes_that_run_finish_it_by_themselves() {
        Operation operation = begin(null);

        one.start();
        two.start();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(now(operation).status()).isEqualTo(Status.COMPLETED));
        assertThat(now(operation).done()).isEqualTo(25);
    }
}
