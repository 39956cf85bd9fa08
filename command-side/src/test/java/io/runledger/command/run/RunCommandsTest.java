package io.runledger.command.run;

import static io.runledger.api.ProblemCode.CONFLICT;
import static io.runledger.api.ProblemCode.INVALID_TRANSITION;
import static io.runledger.api.ProblemCode.KEY_TAKEN;
import static io.runledger.api.ProblemCode.LEASE_LOST;
import static io.runledger.api.ProblemCode.NOT_FOUND;
import static io.runledger.api.ProblemCode.VERSION_MISMATCH;
import static io.runledger.command.run.SampleRun.HOPELESS;
import static io.runledger.command.run.SampleRun.context;
import static io.runledger.command.run.SampleRun.contextOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunId;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Commands on two nodes that share a database and nothing else. */
class RunCommandsTest {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    private static final int ROUNDS = 50;
    private static final int CLIENTS = 16;

    private static TestPostgres postgres;
    private static HikariDataSource secondPool;

    private final LedgerNode a = new LedgerNode(postgres.app());
    private final LedgerNode b = new LedgerNode(secondPool);
    private final RunId run = IDS.next();

    @AfterEach
    void stopNodes() {
        a.close();
        b.close();
    }

    @BeforeAll
    static void open() {
        postgres = TestPostgres.create();
        secondPool = postgres.pool(8);
    }

    @AfterAll
    static void close() {
        secondPool.close();
        postgres.close();
    }

    @Test
    void a_run_started_on_one_node_is_completed_on_another_that_remembers_it_queued() {
        a.send(create(run));
        b.send(start(run));
        assertThat(a.remembers(run)).isTrue();

        Outcome outcome = a.send(complete(run));

        assertThat(outcome).isEqualTo(new Outcome(run, 3, null, true));
        assertThat(types(run)).containsExactly("run.created", "run.queued", "run.started", "run.succeeded");
    }

    @Test
    void a_repeat_on_a_stale_memory_is_decided_anew() {
        a.send(create(run));
        a.send(new StopRun(run, context(), null));
        b.send(new ResumeRun(run, context(), null, null));

        Outcome outcome = a.send(new StopRun(run, context(), null));

        assertThat(outcome).isEqualTo(new Outcome(run, 5, null, true));
        assertThat(types(run)).last().isEqualTo("run.stopped");
    }

    @Test
    void a_refusal_on_a_stale_memory_is_decided_anew() {
        a.send(create(run));
        a.send(start(run));
        b.send(fail(run));
        b.send(new ResumeRun(run, context(), null, null));

        assertThat(a.send(start(run)).written()).isTrue();
    }

    @Test
    void a_refusal_tells_the_version_that_is_not_the_remembered_one() {
        a.send(create(run));
        b.send(start(run));
        b.send(complete(run));

        Problem problem = refusal(a, start(run));

        assertThat(problem.code()).isEqualTo(INVALID_TRANSITION);
        assertThat(problem.facts()).containsEntry("run_version", 3L);
    }

    @Test
    void a_lease_given_by_another_node_counts() {
        a.send(create(run));
        Outcome leased = b.send(new StartRun(run, context(), "w", 30));

        assertThat(leased.lease()).isEqualTo(2L);
        assertThat(refusal(a, complete(run)).code()).isEqualTo(LEASE_LOST);
        assertThat(a.send(new CompleteRun(run, context(), 2L, null, null, List.of()))
                        .written())
                .isTrue();
    }

    @Test
    void a_version_that_another_node_made_is_known_here() {
        a.send(create(run));
        b.send(start(run));

        assertThat(refusal(a, new CancelRun(run, context(null, 1L), null)).code())
                .isEqualTo(VERSION_MISMATCH);
        assertThat(a.send(new CancelRun(run, context(null, 2L), null)).written())
                .isTrue();
    }

    @Test
    void a_run_that_is_not_there_or_not_yours_is_not_found() {
        a.send(create(run));

        assertThat(refusal(a, start(IDS.next())).code()).isEqualTo(NOT_FOUND);
        assertThat(refusal(a, new StartRun(run, contextOf("other"), null, null)).code())
                .isEqualTo(NOT_FOUND);
        assertThat(refusal(b, new StartRun(run, contextOf("other"), null, null)).code())
                .isEqualTo(NOT_FOUND);
    }

    @Test
    void a_command_sent_again_after_a_crash_is_answered_like_the_first_time() {
        a.send(create(run, null, "c-create"));
        Outcome started = a.send(new StartRun(run, context("c-start", null), "w", 30));
        Outcome noted = a.send(new NoteRun(run, context("c-note", null), "x", null));
        a.send(new CompleteRun(run, context("c-done", null), 2L, null, null, List.of()));

        try (LedgerNode restarted = new LedgerNode(postgres.app())) {
            for (LedgerNode again : List.of(a, b, restarted)) {
                assertThat(again.send(new StartRun(run, context("c-start", null), "w", 30)))
                        .isEqualTo(new Outcome(run, 4, started.lease(), false));
                assertThat(again.send(new NoteRun(run, context("c-note", null), "x", null))
                                .written())
                        .isFalse();
                assertThat(again.send(create(run, null, "c-create")).written()).isFalse();
            }
        }
        assertThat(noted.version()).isEqualTo(3);
        assertThat(types(run)).hasSize(5);
    }

    @Test
    void a_create_for_an_id_that_is_taken_is_refused() {
        a.send(create(run));

        for (LedgerNode node : List.of(a, b)) {
            assertThat(catchThrowableOfType(Problem.class, () -> node.send(create(run)))
                            .code())
                    .isEqualTo(CONFLICT);
        }
        assertThat(types(run)).hasSize(2);
    }

    @Test
    void a_command_id_holds_even_where_the_rules_would_allow_the_command_again() {
        a.send(create(run));
        StopRun stop = new StopRun(run, context("c-stop", null), null);
        a.send(stop);
        a.send(new ResumeRun(run, context(), null, null));

        assertThat(a.send(stop).written()).isFalse();
        assertThat(b.send(stop).written()).isFalse();
        assertThat(types(run)).last().isEqualTo("run.queued");
        assertThat(a.send(start(run)).written()).isTrue();
    }

    @Test
    void a_key_is_taken_once_and_the_refusal_names_the_first_run() {
        String key = "case-" + run;
        RunId second = IDS.next();
        a.send(create(run, key, null));

        Problem problem = refusal(b, create(second, key, null));

        assertThat(problem.code()).isEqualTo(KEY_TAKEN);
        assertThat(problem.facts()).containsEntry("run_id", run);
        assertThat(types(second)).isEmpty();
        assertThat(refusal(b, start(second)).code()).isEqualTo(NOT_FOUND);
    }

    @Test
    void a_create_sent_again_with_its_command_id_answers_with_the_first_run() {
        String key = "case-" + run;
        a.send(create(run, key, "line-1"));

        Outcome again = b.send(create(IDS.next(), key, "line-1"));

        assertThat(again).isEqualTo(new Outcome(run, 1, null, false));
        assertThat(refusal(b, create(IDS.next(), key, "line-2")).code()).isEqualTo(KEY_TAKEN);
    }

    @Test
    void of_many_who_end_a_running_run_at_once_exactly_one_wins() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < ROUNDS; round++) {
                RunId raced = IDS.next();
                a.send(create(raced));
                b.send(start(raced));
                List<@Nullable Problem> answers = race(threads, raced);

                assertThat(answers.stream().filter(java.util.Objects::isNull))
                        .as("winners")
                        .hasSize(1);
                assertThat(answers.stream().filter(java.util.Objects::nonNull))
                        .extracting(Problem::code)
                        .allMatch(code -> code == INVALID_TRANSITION || code == CONFLICT);
                assertThat(types(raced)).hasSize(4);
            }
        }
    }

    /** Each client wants something different, so that no one's wish is a repeat of another's. */
    private List<@Nullable Problem> race(ExecutorService threads, RunId raced) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(CLIENTS);
        List<Callable<@Nullable Problem>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            RunCommand command = end(raced, i);
            LedgerNode node = i % 2 == 0 ? a : b;
            clients.add(() -> {
                barrier.await();
                return catchThrowableOfType(Problem.class, () -> node.send(command));
            });
        }
        List<@Nullable Problem> answers = new ArrayList<>();
        for (Future<@Nullable Problem> answer : threads.invokeAll(clients)) {
            answers.add(answer.get());
        }
        return answers;
    }

    private static RunCommand end(RunId run, int client) {
        if (client == 0) {
            return new CancelRun(run, context(), null);
        }
        return client % 2 == 0
                ? new CompleteRun(run, context(), null, new Json(Integer.toString(client)), null, List.of())
                : new FailRun(run, context(), null, HOPELESS, client);
    }

    @Test
    void many_who_cancel_at_once_are_all_told_yes_and_write_once() throws Exception {
        a.send(create(run));
        List<Callable<Outcome>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            LedgerNode node = i % 2 == 0 ? a : b;
            clients.add(() -> node.send(new CancelRun(run, context(), null)));
        }
        int written = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Outcome> answer : threads.invokeAll(clients)) {
                written += answer.get().written() ? 1 : 0;
            }
        }
        assertThat(written).isEqualTo(1);
        assertThat(types(run)).containsExactly("run.created", "run.queued", "run.cancelled");
    }

    @Test
    void many_creates_with_one_key_at_once_make_one_run() throws Exception {
        String key = "race-" + run;
        List<Callable<@Nullable Problem>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            LedgerNode node = i % 2 == 0 ? a : b;
            clients.add(() -> catchThrowableOfType(Problem.class, () -> node.send(create(IDS.next(), key, null))));
        }
        List<@Nullable ProblemCode> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<@Nullable Problem> answer : threads.invokeAll(clients)) {
                answers.add(answer.get() == null ? null : answer.get().code());
            }
        }
        assertThat(answers).containsOnlyOnce((ProblemCode) null).containsOnly(null, KEY_TAKEN);
    }

    private static Problem refusal(LedgerNode node, RunCommand command) {
        Problem problem = catchThrowableOfType(Problem.class, () -> node.send(command));
        assertThat(problem).as("the refusal of %s", command).isNotNull();
        return problem;
    }

    private static CreateRun create(RunId run) {
        return create(run, null, null);
    }

    private static CreateRun create(RunId run, @Nullable String key, @Nullable String commandId) {
        CommandContext context = context(commandId, null);
        return SampleRun.create(run, context, key, null);
    }

    private static StartRun start(RunId run) {
        return new StartRun(run, context(), null, null);
    }

    private static CompleteRun complete(RunId run) {
        return new CompleteRun(run, context(), null, null, null, List.of());
    }

    private static FailRun fail(RunId run) {
        return new FailRun(run, context(), null, HOPELESS, null);
    }

    private static List<String> types(RunId run) {
        return postgres.jdbc()
                .sql("select type from ledger.event where run_id = ? order by sequence")
                .param(run.value())
                .query(String.class)
                .list();
    }
}
