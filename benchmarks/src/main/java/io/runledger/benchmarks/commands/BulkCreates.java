package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/** W2: many runs, and many inputs of one run, come in one request each, beside COPY of the very events that this makes. */
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
                + " make; times are of a whole round.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        int count = (int) Math.min(MOST_AT_ONCE, stage.settings().runs());
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        return List.of(
                beside(stage, count, "creates", () -> create(ledger, count, database)),
                beside(stage, count, "inputs", () -> createOne(ledger, count)));
    }

    private static Measurement beside(Stage stage, int count, String what, Callable<Sample> ours) throws Exception {
        Database database = stage.database();
        for (int round = 1; round < WARMING_ROUNDS; round++) {
            ours.call();
        }
        long before = database.number("select coalesce(max(position), 0) from ledger.event");
        ours.call();
        byte[] events = copyOut(database, before);
        int rounds = stage.settings().rounds();
        // What the view still writes of one round is no part of the next.
        return Measurement.alternating(
                count + " " + what,
                rounds,
                () -> afterView(stage, ours),
                () -> afterView(stage, () -> copyIn(database, count, events)));
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

    private static byte[] copyOut(Database database, long after) throws SQLException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // What autovacuum did about it afterwards would be on the ledger's time.
            statement.execute("create table if not exists bare_copy (like ledger.event including all)"
                    + " with (autovacuum_enabled = off)");
            String made = "copy (select * from ledger.event where position > " + after + ") to stdout";
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut(made, out);
        }
        return out.toByteArray();
    }

    private static Sample copyIn(Database database, int count, byte[] events) throws SQLException, IOException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate bare_copy");
            var copies = connection.unwrap(PGConnection.class).getCopyAPI();
            long begun = System.nanoTime();
            copies.copyIn("copy bare_copy from stdin", new ByteArrayInputStream(events));
            return Sample.ofWhole(count, System.nanoTime() - begun);
        }
    }
}
