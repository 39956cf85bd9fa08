package io.runledger.command.run;

import static io.runledger.api.ProblemCode.CONFLICT;
import static io.runledger.api.ProblemCode.INVALID_TRANSITION;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.command.run.RunSpec.given;
import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Concurrency;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.api.Terms;
import io.runledger.command.store.ItemChange;
import io.runledger.command.store.WorkChange.Gone;
import io.runledger.command.store.WorkChange.Standing;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Batches: inputs that come in parts, results that come in any order, ends, and what workers must be told. */
class ItemRulesTest {

    private static final Json ONE = new Json("1");
    private static final RunError BROKEN = new RunError("broken", "did not work", null, null);
    private static final RunEvent[] THREE = {created(), new RunItemsAdded(0, List.of(ONE, ONE, ONE)), queued()};

    private static TakeInItems takeIn(int first, int count, boolean last) {
        return takeIn(first, Collections.nCopies(count, ONE), last, null);
    }

    private static TakeInItems takeIn(int first, List<Json> inputs, boolean last, @Nullable Instant runAt) {
        return new TakeInItems(RUN, context(), first, inputs, last, runAt);
    }

    private static RecordItems record(@Nullable Set<Integer> leased, ItemResult... results) {
        return new RecordItems(RUN, context(), leased, List.of(results));
    }

    private static ItemResult good(int index) {
        return new ItemResult(index, ONE, null);
    }

    private static ItemResult bad(int index) {
        return new ItemResult(index, null, BROKEN);
    }

    private static RunItemsRecorded recorded(ItemResult... results) {
        return new RunItemsRecorded(List.of(results));
    }

    private static RunSpec running(RunEvent... more) {
        return given(List.of(created(), new RunItemsAdded(0, List.of(ONE, ONE, ONE)), queued(), started()), more);
    }

    @Test
    void a_batch_is_created_and_goes_on_with_its_last_inputs_only() {
        given().when(new OpenBatch(create(NO_TIME)))
                .then(created())
                .when(takeIn(0, 2, false))
                .then(new RunItemsAdded(0, List.of(ONE, ONE)))
                .when(takeIn(2, 1, true))
                .then(new RunItemsAdded(2, List.of(ONE)), queued());
    }

    @Test
    void a_batch_may_have_to_wait_like_any_run() {
        Terms slot = new Terms(null, null, new Concurrency("k", 1), null);
        given(createdWith(slot))
                .when(takeIn(0, 1, true))
                .then(new RunItemsAdded(0, List.of(ONE)), new RunBlocked("concurrency:k"));
        given(created())
                .when(takeIn(0, List.of(ONE), true, NOW.plusSeconds(60)))
                .then(new RunItemsAdded(0, List.of(ONE)), new RunScheduled(NOW.plusSeconds(60)));
    }

    @Test
    void inputs_are_cut_into_events_of_limited_size() {
        List<RunEvent> events = given(created()).when(takeIn(0, 250, false)).decided();

        assertThat(events)
                .extracting(event -> ((RunItemsAdded) event).inputs().size())
                .containsExactly(100, 100, 50);
        assertThat(events).extracting(event -> ((RunItemsAdded) event).first()).containsExactly(0, 100, 200);
        Json large = new Json("\"" + "x".repeat(ItemRules.CHUNK_CHARS) + "\"");
        given(created())
                .when(takeIn(0, List.of(ONE, large, large, ONE, ONE), false, null))
                .then(
                        new RunItemsAdded(0, List.of(ONE)),
                        new RunItemsAdded(1, List.of(large)),
                        new RunItemsAdded(2, List.of(large)),
                        new RunItemsAdded(3, List.of(ONE, ONE)));
    }

    @Test
    void inputs_that_are_there_already_are_not_taken_in_twice_and_none_is_left_out() {
        RunItemsAdded two = new RunItemsAdded(0, List.of(ONE, ONE));
        given(created(), two).when(takeIn(0, 2, false)).thenNothing();
        given(created(), two).when(takeIn(1, 2, false)).thenRefused(CONFLICT);
        given(created(), two).when(takeIn(3, 1, true)).thenRefused(CONFLICT);
        given(THREE).when(takeIn(0, 3, true)).thenNothing();
        given(THREE).when(takeIn(3, 1, true)).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_batch_that_was_stopped_before_it_was_whole_never_runs() {
        RunEvent[] stopped = {created(), new RunItemsAdded(0, List.of(ONE)), new RunStopped(RunStatus.CREATED, null)};
        given(stopped).when(resume()).thenRefused(CONFLICT);
        given(stopped).when(takeIn(1, 1, true)).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_batch_that_is_left_unfinished_becomes_invalid() {
        given(created(), new RunItemsAdded(0, List.of(ONE)))
                .when(new ExpireRun(RUN, context(null, 1L)))
                .thenOne(
                        RunInvalidated.class,
                        invalid -> assertThat(invalid.errors())
                                .singleElement()
                                .satisfies(error -> assertThat(error.pointer()).isEqualTo("/inputs")));
    }

    @Test
    void the_last_result_ends_the_run() {
        running()
                .when(record(Set.of(0, 1, 2), good(2), good(0)))
                .then(recorded(good(2), good(0)))
                .when(record(Set.of(1), good(1)))
                .then(recorded(good(1)), new RunSucceeded(null, null));
        running(recorded(good(0), bad(2)))
                .when(record(Set.of(1), good(1)))
                .then(recorded(good(1)), new RunPartiallySucceeded(null, null));
        List<RunEvent> events = running(recorded(bad(0), bad(2)))
                .when(record(Set.of(1), bad(1)))
                .decided();
        assertThat(((RunFailed) events.getLast()).error().code()).isEqualTo("items_failed");
    }

    @Test
    void a_result_that_is_there_is_never_overwritten() {
        running(recorded(good(0))).when(record(Set.of(1), bad(0), good(1))).then(recorded(good(1)));
        running(recorded(good(0))).when(record(Set.of(), bad(0))).thenNothing();
    }

    @Test
    void who_does_not_hold_an_item_cannot_report_it() {
        running().when(record(Set.of(0), good(0), good(1))).thenRefused(LEASE_LOST);
        running().when(record(null, good(0))).thenRefused(LEASE_LOST);
        running(recorded(good(0))).when(record(null, good(0))).thenRefused(LEASE_LOST);
        running().when(record(Set.of(0), good(7))).thenRefused(LEASE_LOST);
    }

    @Test
    void nobody_reports_to_a_run_that_is_not_running() {
        given(THREE).when(record(Set.of(0), good(0))).thenRefused(INVALID_TRANSITION);
        running(new RunStopped(RunStatus.RUNNING, null))
                .when(record(null, good(0)))
                .thenRefused(INVALID_TRANSITION);
        running(new RunCancelled(null)).when(record(null, good(0))).thenRefused(INVALID_TRANSITION);
    }

    @Test
    void a_batch_ends_with_its_last_item_and_by_no_other_word() {
        assertThat(running(recorded(good(0))).when(complete(null)).thenRefused(CONFLICT))
                .hasMessageContaining("2 have none");
    }

    @Test
    void a_resumed_batch_runs_only_what_failed() {
        RunState state = state(
                THREE[0],
                THREE[1],
                queued(),
                started(),
                recorded(good(0), bad(1), good(2)),
                new RunPartiallySucceeded(null, null));
        RunDecider.decide(resume(), state).forEach(state::evolve);
        ItemChange opened = ItemWork.change(RUN, List.of(new RunStarted(2, null, null)), state);

        assertThat(opened).isEqualTo(new ItemChange.Opened(RUN, bits(1), 1));
        given(THREE).when(start()).then(started());
        state.evolve(new RunStarted(2, null, null));
        assertThat(RunDecider.decide(record(Set.of(1), good(1)), state))
                .containsExactly(recorded(good(1)), new RunSucceeded(null, null));
    }

    @Test
    void workers_are_told_of_items_in_the_commits_that_change_them() {
        assertThat(ItemWork.change(RUN, List.of(started()), state(THREE)))
                .isEqualTo(new ItemChange.Opened(RUN, bits(0, 1, 2), 0));
        RunState running = state(THREE[0], THREE[1], THREE[2], started());
        assertThat(ItemWork.change(RUN, List.of(recorded(good(2))), running))
                .isEqualTo(new ItemChange.Settled(RUN, bits(2)));
        assertThat(ItemWork.change(RUN, List.of(recorded(good(2)), new RunSucceeded(null, null)), running))
                .isEqualTo(new ItemChange.Closed(RUN));
        assertThat(ItemWork.change(RUN, List.of(new RunCancelled(null)), running))
                .isEqualTo(new ItemChange.Closed(RUN));
        assertThat(ItemWork.change(RUN, List.of(new RunCancelled(null)), state(THREE)))
                .isNull();
        assertThat(ItemWork.change(RUN, List.of(started()), state(created(), queued())))
                .isNull();
    }

    @Test
    void a_batch_that_comes_in_is_watched_until_it_is_whole() {
        OpenBatch open = new OpenBatch(create(NO_TIME));
        Standing first = (Standing) RunWork.change(open, List.of(created()), new RunState());
        assertThat(first.status()).isEqualTo(RunStatus.CREATED);
        assertThat(first.expiresAt()).isEqualTo(NOW.plus(ItemRules.INTAKE_PATIENCE));

        RunState state = state(created());
        List<RunEvent> more = List.of(new RunItemsAdded(0, List.of(ONE)), new RunItemsAdded(1, List.of(ONE)));
        assertThat(RunWork.change(takeIn(0, 2, false), more, state))
                .isInstanceOfSatisfying(Standing.class, standing -> {
                    assertThat(standing.version()).isEqualTo(2);
                    assertThat(standing.status()).isEqualTo(RunStatus.CREATED);
                });
        assertThat(RunWork.change(takeIn(0, 2, false), List.of(), state)).isNull();
        assertThat(RunWork.change(cancel(), List.of(new RunCancelled(null)), state))
                .isEqualTo(new Gone(RUN, false));
    }

    @Test
    void what_is_kept_of_100_000_items_is_a_few_bits_each() {
        RunState state = state(created());
        for (int first = 0; first < 100_000; first += 100) {
            state.evolve(new RunItemsAdded(first, Collections.nCopies(100, ONE)));
        }
        state.evolve(queued());
        state.evolve(started());
        IntStream.range(0, 100_000)
                .filter(index -> index % 2 == 0)
                .forEach(index -> state.evolve(recorded(good(index))));

        assertThat(state.batch().left()).isEqualTo(50_000);
        assertThat(state.batch().pending().size()).isLessThanOrEqualTo(100_032);
        assertThat(ItemChange.multirange(state.batch().pending()))
                .startsWith("{[1,2),[3,4),")
                .endsWith("[99999,100000)}");
    }

    private static RunState state(RunEvent... history) {
        RunState state = new RunState();
        List.of(history).forEach(state::evolve);
        return state;
    }

    private static BitSet bits(int... indexes) {
        BitSet bits = new BitSet();
        IntStream.of(indexes).forEach(bits::set);
        return bits;
    }
}
