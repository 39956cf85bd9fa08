package io.runledger.benchmarks.lists;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Settings;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.lists.Question.Asked;
import io.runledger.benchmarks.lists.Question.Sql;
import io.runledger.benchmarks.sample.SampleLedger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists, counts and the past over HTTP by one client, beside the same questions in SQL on one connection. */
public final class ListQuestions implements Workload {

    private static final int WARMING_TURNS = 3;

    /** A plan that takes so long for a round (1.3 s a question were seen) will not be the better one. */
    private static final Duration MOST_BY_HAND = Duration.ofSeconds(20);

    @Override
    public String name() {
        return "lists";
    }

    @Override
    public String label(Settings settings) {
        return name() + "-" + settings.runs();
    }

    @Override
    public String description() {
        return "Questions to a ledger full of runs, one after the other: over HTTP, and by hand in SQL.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        SampleLedger.fill(stage, stage.settings().runs());
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        int samples = stage.settings().samples();
        List<Question> questions = wanted(
                new Questions(ledger, database, samples).all(), stage.settings().questions());
        List<Measurement> measurements = new ArrayList<>();
        try (Bare usual = Bare.connect(database, "auto");
                Bare planning = Bare.connect(database, "force_custom_plan")) {
            warmUp(questions, ledger, Duration.ofSeconds(stage.settings().seconds()));
            for (Question question : questions) {
                measurements.add(faster(Measurement.alternating(
                        question.name(),
                        stage.settings().rounds(),
                        () -> ask(question, ledger),
                        List.of("", "planned anew"),
                        List.of(() -> ask(question, usual), () -> ask(question, planning)))));
                stage.tell(measurements.getLast().toString());
            }
        }
        return measurements;
    }

    /** Those of these names, which have hyphens instead of spaces and commas; all when none is named. */
    private static List<Question> wanted(List<Question> all, List<String> names) {
        Map<String, Question> byName = new LinkedHashMap<>();
        all.forEach(question -> byName.put(question.name().replaceAll("\\W+", "-"), question));
        if (!byName.keySet().containsAll(names)) {
            throw new IllegalArgumentException(
                    "not all of %s are known questions: %s".formatted(names, byName.keySet()));
        }
        return names.isEmpty() ? all : names.stream().map(byName::get).toList();
    }

    /**
     * Asks every question for so long before any is measured, in turns: the compiler has 35 s of processor time to do for a
     * ledger, as was measured, and what it has not done yet is the p99 of whatever is asked first.
     */
    private static void warmUp(List<Question> questions, Ledger ledger, Duration each) throws Exception {
        for (int turn = 0; turn < WARMING_TURNS; turn++) {
            for (Question question : questions) {
                long end = System.nanoTime() + each.dividedBy(WARMING_TURNS).toNanos();
                while (System.nanoTime() < end) {
                    ask(question, ledger);
                }
            }
        }
    }

    /** A plan that is kept saves time or costs a lot of it; who writes SQL by hand would take the better one. */
    private static Measurement faster(List<Measurement> measurements) {
        return measurements.stream()
                .min(Comparator.comparingDouble(
                        measurement -> measurement.bare().p99()))
                .orElseThrow();
    }

    private static Sample ask(Question question, Ledger ledger) throws Exception {
        long[] nanos = new long[question.asked().size()];
        long begun = System.nanoTime();
        int place = 0;
        for (Asked asked : question.asked()) {
            long before = System.nanoTime();
            ledger.get(asked.path());
            nanos[place++] = System.nanoTime() - before;
        }
        return Sample.of(nanos, System.nanoTime() - begun);
    }

    private static Sample ask(Question question, Bare bare) throws SQLException {
        long[] nanos = new long[question.asked().size()];
        long begun = System.nanoTime();
        int place = 0;
        for (Asked asked : question.asked()) {
            long before = System.nanoTime();
            if (before - begun > MOST_BY_HAND.toNanos()) {
                break;
            }
            for (Sql sql : asked.sql()) {
                bare.read(sql);
            }
            nanos[place++] = System.nanoTime() - before;
        }
        return Sample.of(Arrays.copyOf(nanos, place), System.nanoTime() - begun);
    }

    /** One connection that prepares each statement once. */
    private record Bare(Connection connection, Map<String, PreparedStatement> prepared) implements AutoCloseable {

        static Bare connect(Database database, String planCacheMode) throws SQLException {
            Connection connection = database.connect();
            try (Statement statement = connection.createStatement()) {
                statement.execute("set plan_cache_mode = " + planCacheMode);
            }
            return new Bare(connection, new HashMap<>());
        }

        /** Takes in every value of every row. */
        void read(Sql sql) throws SQLException {
            PreparedStatement statement = prepared.get(sql.text());
            if (statement == null) {
                statement = connection.prepareStatement(sql.text());
                prepared.put(sql.text(), statement);
            }
            for (int i = 0; i < sql.values().size(); i++) {
                statement.setObject(i + 1, sql.values().get(i));
            }
            try (ResultSet row = statement.executeQuery()) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    for (int column = 1; column <= columns; column++) {
                        row.getString(column);
                    }
                }
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
