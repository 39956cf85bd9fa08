package io.runledger.command.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunId;
import io.runledger.command.store.IndexOrder;
import io.runledger.command.store.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What it costs to pick queued runs does not grow with how many are queued: counted in pages, and printed in time. */
class ClaimDepthTest {

    private static final int PICKS = 200;
    /** Ten queues, of each the way down two indexes. */
    private static final int MOST_PAGES = 150;

    private static final Selection ANY = new Selection("default", List.of(), List.of());
    private static final Selection QUEUE = new Selection("default", List.of("queue-3"), List.of());
    private static final Selection RARE = new Selection("default", List.of(), List.of("task:rare"));

    @Test
    void picking_reads_no_more_of_a_deep_queue_than_of_a_shallow_one() throws SQLException {
        int deep = Boolean.getBoolean("runledger.thorough") ? 1_000_000 : 100_000;
        for (int depth : new int[] {100, 10_000, deep}) {
            try (TestPostgres postgres = TestPostgres.create()) {
                JdbcClient owner = JdbcClient.create(postgres.owner());
                fill(owner, depth);
                Reservations reservations = new Reservations(new WorkStatements(postgres.app()));
                for (Selection selection : List.of(ANY, QUEUE, RARE)) {
                    owner.sql("update ledger.work set reserved_until = null where reserved_until is not null")
                            .update();
                    // Before anything was picked: what is, and is not started, is read on the way for two seconds.
                    long pages = pages(postgres, selection);
                    List<Long> nanos = new ArrayList<>();
                    int picked = 0;
                    for (int i = 0; i < PICKS && picked < depth / 20; i++) {
                        long begun = System.nanoTime();
                        List<RunId> runs = reservations.reserve(selection, 1);
                        nanos.add(System.nanoTime() - begun);
                        picked += runs.size();
                    }
                    System.out.printf(
                            "picking 1 of %,d queued runs, %s: p50 %d µs, %d pages%n",
                            depth, selection, nanos.stream().sorted().toList().get(nanos.size() / 2) / 1_000, pages);
                    assertThat(picked).isPositive();
                    assertThat(pages).as("pages read for a run of %d", depth).isLessThan(MOST_PAGES);
                }
            }
        }
    }

    /**
     * Ten queues, nearly all runs in one of them, five priorities, and one run in a thousand of a target that the others
     * stand in the way of.
     */
    private static void fill(JdbcClient owner, int depth) {
        owner.sql("""
                        insert into ledger.work (run_id, version, place, project, status, since, queue, target, priority, awaited)
                        select gen_random_uuid(), 1, n, 'default', 'queued', now(),
                            'queue-' || case when n % 20 = 0 then n / 20 % 10 else 3 end,
                            case when n % 1000 in (7, 8) then 'task:rare' else 'task:usual' end, n % 5, '{}'
                        from generate_series(1, ?) as n""").param(depth).update();
        // A planner that knows how many there are guesses that a pick is of many.
        owner.sql("analyze ledger.work").update();
    }

    /** The pages that one more pick touches, by the plan that is kept, which does not know the values. */
    private static long pages(TestPostgres postgres, Selection selection) throws SQLException {
        Iterator<Integer> numbers = IntStream.iterate(1, n -> n + 1).iterator();
        String sql =
                Pattern.compile("\\?").matcher(Reservations.sql(selection)).replaceAll(_ -> "\\$" + numbers.next());
        String values = Stream.of(Reservations.parameters(selection, 1))
                .map(value -> value instanceof String[] texts ? "{" + String.join(",", texts) + "}" : value)
                .map(value -> "'" + value + "'")
                .collect(Collectors.joining(", "));
        StringBuilder plan = new StringBuilder();
        try (Connection connection = postgres.app().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("prepare pick as " + sql);
            String explain = "explain (analyze, buffers, costs off, timing off) execute pick(" + values + ")";
            try (PreparedStatement picked = IndexOrder.prepare(connection, explain);
                    ResultSet lines = IndexOrder.rows(picked)) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
            statement.execute("deallocate pick");
        }
        assertThat(plan).doesNotContain("Seq Scan on work", "Sort Method: external");
        Matcher hits = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?")
                .matcher(plan);
        assertThat(hits.find()).as(plan.toString()).isTrue();
        return number(hits.group(1)) + number(hits.group(2));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
