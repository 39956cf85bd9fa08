package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** W2: many runs, and many inputs of one run, come in one request each, beside COPY of the very rows that this writes. */
public final class BulkCreates implements Workload {

    private static final int MOST_AT_ONCE = 100_000;
    private static final int WARMING_ROUNDS = 3;
    private static final String INPUT = "\"" + "x".repeat(300) + "\"";

    @Override
    public String name() {
        return "bulk";
    }

    @Override
    public String description() {
        return "Creates through one request to /v1/commands, inputs of one run through another, and COPY of the events they"
                + " make, and of all rows that are there when they are answered; times are of a whole round.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        int count = (int) Math.min(MOST_AT_ONCE, stage.settings().runs());
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        List<Measurement> measurements = new ArrayList<>();
        measurements.addAll(beside(stage, count, "creates", true, () -> create(ledger, count, database)));
        measurements.addAll(beside(stage, count, "inputs", false, () -> createOne(ledger, count)));
        return measurements;
    }

    private static List<Measurement> beside(Stage stage, int count, String what, boolean waiting, Callable<Sample> ours)
            throws Exception {
        Database database = stage.database();
        for (int round = 1; round < WARMING_ROUNDS; round++) {
            ours.call();
        }
        long before = database.number("select coalesce(max(position), 0) from ledger.event");
        ours.call();
        BareCopy events = BareCopy.of(database, "ledger.event", "position", before);
        List<String> names = new ArrayList<>(List.of("events"));
        List<Measurement.Round> bare =
                new ArrayList<>(List.of(() -> afterView(stage, () -> copyIn(database, count, List.of(events)))));
        if (waiting) {
            // The other table that a create writes to before it is answered.
            BareCopy work = BareCopy.of(database, "ledger.work", "place", before);
            names.add("events and work");
            bare.add(() -> afterView(stage, () -> copyIn(database, count, List.of(events, work))));
        }
        // What the view still writes of one round is no part of the next.
        return Measurement.alternating(
                count + " " + what, stage.settings().rounds(), () -> afterView(stage, ours), names, bare);
    }

    private static Sample afterView(Stage stage, Callable<Sample> round) throws Exception {
        stage.ledger().awaitView();
        return round.call();
    }

    private static Sample create(Ledger ledger, int runs, Database database) throws Exception {
        String series = database.number("select coalesce(max(position), 0) from ledger.event") + "-";
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < runs; i++) {
            lines.append("{\"command\":\"create\",\"target\":\"task:resize-image\",\"key\":\"")
                    .append(series)
                    .append(i)
                    .append("\",\"labels\":{\"team\":\"web\"},\"input\":")
                    .append(INPUT)
                    .append("}\n");
        }
        byte[] body = lines.toString().getBytes(StandardCharsets.UTF_8);
        long begun = System.nanoTime();
        String answer = ledger.stream(body);
        long nanos = System.nanoTime() - begun;
        if (!answer.strip().equals("{\"done\":" + runs + ",\"refused\":0}")) {
            throw new IllegalStateException(answer);
        }
        return Sample.ofWhole(runs, nanos);
    }

    private static Sample createOne(Ledger ledger, int inputs) throws Exception {
        String body = Stream.generate(() -> INPUT)
                .limit(inputs)
                .collect(Collectors.joining(",", "{\"target\":\"task:resize-image\",\"inputs\":[", "]}"));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        long begun = System.nanoTime();
        ledger.post("/v1/runs", "application/json", bytes);
        return Sample.ofWhole(inputs, System.nanoTime() - begun);
    }

    private static Sample copyIn(Database database, int count, List<BareCopy> copies) throws SQLException, IOException {
        try (Connection connection = database.connect()) {
            for (BareCopy copy : copies) {
                copy.empty(connection);
            }
            long begun = System.nanoTime();
            connection.setAutoCommit(false);
            for (BareCopy copy : copies) {
                copy.copyIn(connection);
            }
            connection.commit();
            return Sample.ofWhole(count, System.nanoTime() - begun);
        }
    }
}
