package io.runledger.command.work;

import static io.runledger.api.ProblemCode.CONFLICT;
import static io.runledger.api.ProblemCode.INVALID_TRANSITION;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.api.ProblemCode.NOT_FOUND;
import static io.runledger.command.work.WorkNode.Wanted.plain;
import static io.runledger.command.work.WorkNode.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent.RunItemsAdded;
import io.runledger.api.RunId;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.BatchInputs.Input;
import io.runledger.command.store.TestPostgres;
import io.runledger.command.work.ItemDesk.Claimed;
import io.runledger.command.work.ItemDesk.Wish;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Items of batches between workers of two nodes that share a database and nothing else. */
class ItemDeskTest {

    private static final RunError BROKEN = new RunError("broken", "did not work", null, null);

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

    private static List<Json> inputs(int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> new Json("{\"n\":" + index + "}"))
                .toList();
    }

    private RunId batch(int count) {
        return batch(inputs(count));
    }

    private RunId batch(List<Json> inputs) {
        return a.ledger
                .commands()
                .create(WorkNode.command("default", plain()), inputs)
                .runId();
    }

    private static Claimed claim(WorkNode node, RunId run, int max) {
        return claim(node, run, max, 30);
    }

    private static Claimed claim(WorkNode node, RunId run, int max, int seconds) {
        return node.items.claim(new StartRun(run, context("default"), null, null), new Wish("w1", max, seconds));
    }

    private static Outcome report(WorkNode node, RunId run, long lease, ItemResult... results) {
        return node.ledger.send(
                new RecordItems(run, context("default"), node.items.hold(run, lease), List.of(results)));
    }

    private static Outcome report(WorkNode node, RunId run, Claimed claimed) {
        ItemResult[] results =
                claimed.items().stream().map(item -> good(item.index())).toArray(ItemResult[]::new);
        return report(node, run, lease(claimed), results);
    }

    private static long lease(Claimed claimed) {
        return Objects.requireNonNull(claimed.lease());
    }

    private static ItemResult good(int index) {
        return new ItemResult(index, new Json("true"), null);
    }

    private static ItemResult bad(int index) {
        return new ItemResult(index, null, BROKEN);
    }

    private static List<Integer> indexes(Claimed claimed) {
        return claimed.items().stream().map(Input::index).toList();
    }

    private List<String> types(RunId run) {
        return postgres.jdbc()
                .sql("select type from ledger.event where run_id = ? order by sequence")
                .param(run.value())
                .query(String.class)
                .list();
    }

    private static ProblemCode refusal(Runnable action) {
        return catchThrowableOfType(Problem.class, action::run).code();
    }

    @Test
    void the_first_claim_starts_the_run_and_inputs_come_as_they_were_given() {
        List<Json> given = List.of(new Json("1.50"), new Json("{\"b\":1,\"a\":[null,12345678901234567890]}"));
        RunId run = batch(given);

        Claimed claimed = claim(b, run, 10);

        assertThat(claimed.items()).containsExactly(new Input(0, given.get(0), 1), new Input(1, given.get(1), 1));
        assertThat(claimed.leaseExpiresAt()).isNotNull();
        assertThat(types(run)).containsExactly("run.created", "run.items_added", "run.queued", "run.started");
        assertThat(claim(a, run, 10)).isEqualTo(Claimed.NOTHING);
    }

    @Test
    void claims_cross_the_events_that_hold_the_inputs() {
        RunId run = batch(450);

        assertThat(indexes(claim(a, run, 130)))
                .isEqualTo(IntStream.range(0, 130).boxed().toList());
        Claimed second = claim(b, run, 130);
        assertThat(second.items())
                .startsWith(new Input(130, new Json("{\"n\":130}"), 1))
                .hasSize(130);
        assertThat(claim(a, run, 1_000).items()).hasSize(190);
    }

    @Test
    void many_workers_of_two_nodes_get_each_item_once_and_the_last_result_ends_the_run() throws Exception {
        int count = 2_000;
        RunId run = batch(count);
        Queue<Integer> done = new ConcurrentLinkedQueue<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = IntStream.range(0, 8)
                    .<Future<?>>mapToObj(worker -> workers.submit(() -> {
                        WorkNode node = worker % 2 == 0 ? a : b;
                        for (Claimed got = claim(node, run, 20 + worker);
                                !got.items().isEmpty();
                                got = claim(node, run, 20 + worker)) {
                            done.addAll(indexes(got));
                            report(node, run, got);
                        }
                    }))
                    .toList();
            for (Future<?> worker : all) {
                worker.get();
            }
        }

        assertThat(done).hasSize(count).doesNotHaveDuplicates();
        assertThat(types(run)).endsWith("run.items_recorded", "run.succeeded").containsOnlyOnce("run.started");
        assertThat(rows()).isZero();
    }

    @Test
    void items_of_a_lease_that_ran_out_are_there_for_others_and_its_holder_is_too_late() {
        RunId run = batch(3);
        Claimed lost = claim(a, run, 2, 1);
        report(a, run, lease(lost), good(0));
        end(lost);

        Claimed again = claim(b, run, 10);

        assertThat(again.items()).extracting(Input::index).containsExactlyInAnyOrder(1, 2);
        assertThat(again.items())
                .filteredOn(item -> item.index() == 1)
                .extracting(Input::attempt)
                .containsExactly(2);
        assertThat(refusal(() -> report(a, run, lease(lost), bad(1)))).isEqualTo(LEASE_LOST);
        report(b, run, again);
        assertThat(types(run)).endsWith("run.succeeded");
    }

    /** Lets a lease be over by the database's clock. */
    private void end(Claimed claimed) {
        postgres.jdbc()
                .sql("update ledger.item_work set lease_expires_at = now() where lease = ?")
                .param(lease(claimed))
                .update();
    }

    @Test
    void a_lease_ends_by_itself_within_two_seconds_of_its_time() {
        RunId run = batch(1);
        claim(a, run, 1, 1);

        await().atMost(Duration.ofSeconds(3))
                .until(() -> !claim(b, run, 1).items().isEmpty());
    }

    @Test
    void a_report_renews_the_lease_and_may_be_sent_again() {
        RunId run = batch(3);
        Claimed claimed = claim(a, run, 2, 1);

        Outcome first = report(a, run, lease(claimed), good(0));
        Outcome second = report(b, run, lease(claimed), good(0));

        assertThat(second).isEqualTo(new Outcome(run, first.version(), null, false));
        assertThat(postgres.jdbc()
                        .sql(
                                "select lease_expires_at > now() + interval '5 seconds' from ledger.item_work where lease = ?")
                        .param(lease(claimed))
                        .query(Boolean.class)
                        .single())
                .isTrue();
    }

    @Test
    void the_last_report_is_answered_again_by_its_command_id() {
        RunId run = batch(1);
        Claimed claimed = claim(a, run, 1);
        var last = new io.runledger.api.CommandContext(
                "default", "key:ci", java.time.Instant.now(), null, "last", null, "req-1");

        Outcome first = a.ledger.send(new RecordItems(run, last, a.items.hold(run, lease(claimed)), List.of(good(0))));
        Outcome again = b.ledger.send(new RecordItems(run, last, b.items.hold(run, lease(claimed)), List.of(good(0))));

        assertThat(again).isEqualTo(new Outcome(run, first.version(), null, false));
    }

    @Test
    void one_report_does_not_touch_what_another_lease_holds() {
        RunId run = batch(4);
        Claimed mine = claim(a, run, 2);
        Claimed yours = claim(b, run, 2);

        assertThat(refusal(() -> report(a, run, lease(mine), good(0), good(2)))).isEqualTo(LEASE_LOST);
        assertThat(types(run)).doesNotContain("run.items_recorded");
        report(b, run, yours);
        report(a, run, mine);
        assertThat(types(run)).endsWith("run.succeeded");
    }

    @Test
    void a_resumed_batch_hands_out_what_failed_and_nothing_else() {
        RunId run = batch(300);
        Claimed all = claim(a, run, 300);
        ItemResult[] results = IntStream.range(0, 300)
                .mapToObj(index -> index % 100 == 7 ? bad(index) : good(index))
                .toArray(ItemResult[]::new);
        report(a, run, lease(all), results);
        assertThat(types(run)).endsWith("run.partially_succeeded");
        assertThat(claim(b, run, 10)).isEqualTo(Claimed.NOTHING);

        b.ledger.send(new ResumeRun(run, context("default"), null, null));
        Claimed again = claim(b, run, 1_000);

        assertThat(indexes(again)).containsExactly(7, 107, 207);
        assertThat(again.items()).extracting(Input::attempt).containsOnly(2);
        report(b, run, again);
        assertThat(types(run)).endsWith("run.started", "run.items_recorded", "run.succeeded");
    }

    @Test
    void stopping_takes_the_items_from_everybody_and_resuming_hands_out_the_rest() {
        RunId run = batch(3);
        Claimed claimed = claim(a, run, 2);
        report(a, run, lease(claimed), good(0));
        b.ledger.send(new StopRun(run, context("default"), null));

        assertThat(refusal(() -> report(a, run, lease(claimed), good(1)))).isEqualTo(INVALID_TRANSITION);
        assertThat(refusal(() -> claim(a, run, 1))).isEqualTo(INVALID_TRANSITION);
        b.ledger.send(new ResumeRun(run, context("default"), null, null));
        Claimed rest = claim(b, run, 10);
        assertThat(indexes(rest)).containsExactly(1, 2);
        assertThat(refusal(() -> report(a, run, lease(claimed), good(1)))).isEqualTo(LEASE_LOST);
    }

    @Test
    void a_cancelled_batch_has_nothing_to_do() {
        RunId run = batch(3);
        Claimed claimed = claim(a, run, 2);
        b.ledger.send(new CancelRun(run, context("default"), null));

        assertThat(claim(a, run, 1)).isEqualTo(Claimed.NOTHING);
        assertThat(refusal(() -> report(a, run, claimed))).isEqualTo(INVALID_TRANSITION);
        assertThat(rows()).isZero();
    }

    @Test
    void items_are_those_of_a_batch_of_the_same_project() {
        RunId plain = a.create(plain());
        RunId run = batch(1);
        StartRun foreign = new StartRun(run, context("other"), null, null);

        assertThat(refusal(() -> claim(a, plain, 1))).isEqualTo(CONFLICT);
        assertThat(types(plain)).doesNotContain("run.started");
        assertThat(refusal(() -> a.items.claim(foreign, new Wish("w1", 1, 30)))).isEqualTo(NOT_FOUND);
    }

    @Test
    void a_claim_is_no_larger_than_memory_bears_and_the_rest_is_there_at_once() {
        Json large = new Json("\"" + "x".repeat(3 << 20) + "\"");
        RunId run = batch(Collections.nCopies(4, large));

        Claimed first = claim(a, run, 4);
        Claimed second = claim(b, run, 4);

        assertThat(indexes(first)).containsExactly(0, 1, 2);
        assertThat(second.items())
                .extracting(Input::index, Input::attempt)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(3, 1));
    }

    @Test
    void a_create_that_was_broken_off_goes_on_where_it_was() {
        List<Json> given = IntStream.range(0, 4_000)
                .mapToObj(index -> new Json("\"" + index + "x".repeat(500) + "\""))
                .toList();
        CreateRun first = keyed();
        List<Json> broken = new java.util.AbstractList<>() {
            @Override
            public Json get(int index) {
                if (index == 3_000) {
                    throw new IllegalStateException("the node dies");
                }
                return given.get(index);
            }

            @Override
            public int size() {
                return given.size();
            }
        };
        assertThat(catchThrowableOfType(
                        IllegalStateException.class, () -> a.ledger.commands().create(first, broken)))
                .isNotNull();
        assertThat(types(first.runId())).endsWith("run.items_added").contains("run.created");
        assertThat(refusal(() -> claim(a, first.runId(), 1))).isEqualTo(INVALID_TRANSITION);

        Outcome outcome = b.ledger.commands().create(keyed(), given);

        assertThat(outcome.runId()).isEqualTo(first.runId());
        assertThat(types(first.runId())).endsWith("run.queued");
        assertThat(postgres.jdbc()
                        .sql("select sum(count) from ledger.item_chunk")
                        .query(Long.class)
                        .single())
                .isEqualTo(4_000);
        Outcome again = a.ledger.commands().create(keyed(), given);
        assertThat(again).isEqualTo(new Outcome(first.runId(), outcome.version(), null, false));
    }

    private static CreateRun keyed() {
        CreateRun like = WorkNode.command("default", plain());
        var context = new io.runledger.api.CommandContext(
                "default", "key:ci", java.time.Instant.now(), null, "c-1", null, "req-1");
        return new CreateRun(
                like.runId(),
                context,
                like.target(),
                like.mode(),
                "nightly",
                null,
                null,
                null,
                null,
                null,
                null,
                like.queue(),
                0,
                1,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void a_batch_of_which_nothing_comes_any_more_becomes_invalid() {
        CreateRun create = WorkNode.command("default", plain());
        a.ledger.send(new OpenBatch(create));
        a.ledger.send(new TakeInItems(create.runId(), context("default"), 0, inputs(2), false, null));
        b.timekeeper.look();
        assertThat(types(create.runId())).containsExactly("run.created", "run.items_added");

        postgres.jdbc()
                .sql("update ledger.work set expires_at = now(), due_at = now() where status = 'created'")
                .update();
        b.timekeeper.look();

        assertThat(types(create.runId())).endsWith("run.invalidated");
        assertThat(refusal(() ->
                        a.ledger.send(new TakeInItems(create.runId(), context("default"), 2, inputs(1), true, null))))
                .isEqualTo(INVALID_TRANSITION);
    }

    @Test
    void a_run_is_folded_without_reading_what_its_items_are_given() {
        Json large = new Json("\"" + "x".repeat(1 << 20) + "\"");
        RunId run = batch(List.of(large, new Json("1"), large));

        List<RunItemsAdded> added = b.ledger
                .events()
                .readEvents(run.toString())
                .asStream()
                .map(message -> message.getPayload())
                .filter(RunItemsAdded.class::isInstance)
                .map(RunItemsAdded.class::cast)
                .toList();

        assertThat(added).extracting(RunItemsAdded::first).containsExactly(0, 1, 2);
        assertThat(added).allSatisfy(event -> assertThat(event.inputs()).containsExactly(Json.NULL));
        assertThat(claim(b, run, 3).items()).extracting(Input::input).containsExactly(large, new Json("1"), large);
    }

    private long rows() {
        return postgres.jdbc()
                .sql("select count(*) from ledger.item_work")
                .query(Long.class)
                .single();
    }
}
