package io.runledger.command.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand.CreateRun;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.command.run.LedgerNode;
import io.runledger.command.store.RunDirectory;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Logs in a real PostgreSQL, written by two nodes. */
class RunLogsTest {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    private static final int MOST = 1_000;

    private final TestPostgres postgres = TestPostgres.create();
    private final LedgerNode ledger = new LedgerNode(postgres.app(), Clock.systemUTC());
    private final RunLogs here = logs(postgres.app());
    private final RunLogs there = logs(postgres.pool(4));

    private static RunLogs logs(DataSource dataSource) {
        JdbcClient jdbc = JdbcClient.create(dataSource);
        return new RunLogs(jdbc, new RunDirectory(jdbc), MOST);
    }

    @AfterEach
    void close() {
        ledger.close();
        postgres.close();
    }

    private RunId run(String project) {
        RunId run = IDS.next();
        CommandContext context = new CommandContext(project, "key:ci", Instant.now(), null, null, null, "req");
        ledger.send(new CreateRun(
                run,
                context,
                Target.of("task:t"),
                RunMode.ASYNC,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "default",
                0,
                1,
                null,
                null,
                null,
                null,
                null,
                null));
        return run;
    }

    private static RunLogs.Line line(String message) {
        return new RunLogs.Line("info", message, null, null);
    }

    private static List<RunLogs.Line> lines(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> line(prefix + " " + i)).toList();
    }

    private List<String> log(RunId run) {
        return postgres.jdbc()
                .sql("select number || ' ' || message from ledger.log_line where run_id = ? order by number")
                .param(run.value())
                .query(String.class)
                .list();
    }

    private static void assertRefused(ProblemCode code, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void lines_are_numbered_in_the_order_in_which_they_came() {
        RunId run = run("p");
        RunId other = run("p");
        assertThat(here.append("p", run, lines("a", 2), null)).isZero();
        assertThat(there.append("p", other, lines("x", 1), null)).isZero();
        assertThat(there.append("p", run, lines("b", 1), null)).isEqualTo(2);
        assertThat(log(run)).containsExactly("0 a 0", "1 a 1", "2 b 0");
        assertThat(log(other)).containsExactly("0 x 0");
    }

    @Test
    void a_line_is_kept_as_it_was_given() {
        RunId run = run("p");
        Instant at = Instant.parse("2026-01-31T12:00:00.123456Z");
        here.append(
                "p",
                run,
                List.of(new RunLogs.Line("warn", "ä\n\uD83D\uDE00", at, new Json("{\"b\":1.50,\"a\":[]}"))),
                null);
        here.append("p", run, List.of(line("now")), null);
        assertThat(postgres.jdbc()
                        .sql("select at = ?::timestamptz and level = 'warn' and message = ? and fields = ?"
                                + " from ledger.log_line where number = 0")
                        .params(at.toString(), "ä\n\uD83D\uDE00", "{\"b\":1.50,\"a\":[]}")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThat(postgres.jdbc()
                        .sql("select at between now() - interval '1 minute' and now() and fields is null"
                                + " from ledger.log_line where number = 1")
                        .query(Boolean.class)
                        .single())
                .isTrue();
    }

    @Test
    void a_log_is_no_longer_than_it_may_be_and_all_lines_come_or_none() {
        RunId run = run("p");
        assertRefused(ProblemCode.TOO_LARGE, () -> here.append("p", run, lines("a", MOST + 1), null));
        here.append("p", run, lines("a", MOST - 1), null);
        assertRefused(ProblemCode.TOO_LARGE, () -> here.append("p", run, lines("b", 2), null));
        assertThat(log(run)).hasSize(MOST - 1);
        here.append("p", run, lines("c", 1), null);
        assertRefused(ProblemCode.TOO_LARGE, () -> here.append("p", run, lines("d", 1), null));
        assertThat(log(run)).hasSize(MOST).last().isEqualTo((MOST - 1) + " c 0");
    }

    @Test
    void no_other_project_and_no_unknown_run_can_be_written_to() {
        RunId run = run("p");
        assertRefused(ProblemCode.NOT_FOUND, () -> here.append("other", run, lines("a", 1), null));
        assertRefused(ProblemCode.NOT_FOUND, () -> here.append("p", IDS.next(), lines("a", 1), null));
        assertThat(log(run)).isEmpty();
    }

    @Test
    void the_application_cannot_change_or_delete_a_line() {
        RunId run = run("p");
        here.append("p", run, lines("a", 1), null);
        for (String sql : List.of("update ledger.log_line set message = 'b'", "delete from ledger.log_line")) {
            assertThatThrownBy(() -> postgres.jdbc().sql(sql).update())
                    .rootCause()
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void followers_of_the_run_are_notified() throws Exception {
        RunId run = run("p");
        try (var connection = postgres.owner().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("listen runledger_log");
            here.append("p", run, lines("a", 3), null);
            assertThat(connection.unwrap(PGConnection.class).getNotifications(5_000))
                    .singleElement()
                    .satisfies(heard -> assertThat(heard.getParameter()).isEqualTo(run.toString()));
        }
    }

    @Test
    void who_reads_while_two_nodes_write_never_finds_a_gap_that_is_filled_later() throws Exception {
        RunId run = run("p");
        List<Future<?>> writers = new ArrayList<>();
        List<Integer> seen = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int writer = 0; writer < 4; writer++) {
                RunLogs node = writer % 2 == 0 ? here : there;
                String name = "w" + writer;
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        node.append("p", run, lines(name + "-" + i, 3), null);
                    }
                }));
            }
            boolean writing = true;
            while (writing) {
                writing = !writers.stream().allMatch(Future::isDone);
                int last = seen.isEmpty() ? -1 : seen.getLast();
                seen.addAll(postgres.jdbc()
                        .sql("select number from ledger.log_line where run_id = ? and number > ? order by number")
                        .params(run.value(), last)
                        .query(Integer.class)
                        .list());
            }
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        assertThat(seen).isEqualTo(IntStream.range(0, 600).boxed().toList());
        // The lines of one request stand together, in their order.
        List<String> log = log(run);
        for (int i = 0; i < 600; i += 3) {
            String first = log.get(i).split(" ")[1];
            assertThat(log.subList(i, i + 3))
                    .containsExactly(
                            i + " " + first + " 0", (i + 1) + " " + first + " 1", (i + 2) + " " + first + " 2");
        }
        assertThat(Collections.frequency(log, log.getFirst())).isEqualTo(1);
    }
}
