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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** W2: many runs are created through one streamed request, beside COPY of the very events that this makes. */
public final class BulkCreates implements Workload {

    private static final int MOST_RUNS = 100_000;

    @Override
    public String name() {
        return "bulk";
    }

    @Override
    public String description() {
        return "Creates through one request to /v1/commands, and COPY of the events they make; times are of a whole round.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        Database database = stage.database();
        Ledger ledger = stage.ledger();
        int runs = (int) Math.min(MOST_RUNS, stage.settings().runs());
        int[] round = {0};
        create(ledger, runs, round[0]++, database);
        byte[] events = copyOut(database);
        return List.of(Measurement.alternating(
                runs + " creates",
                stage.settings().rounds(),
                () -> create(ledger, runs, round[0]++, database),
                () -> copyIn(database, runs, events)));
    }

    private static Sample create(Ledger ledger, int runs, int round, Database database) throws Exception {
        StringBuilder lines = new StringBuilder();
        String series = database.number("select count(*) from ledger.event") + "-" + round + "-";
        for (int i = 0; i < runs; i++) {
            lines.append("{\"command\":\"create\",\"target\":\"task:resize-image\",\"key\":\"")
                    .append(series)
                    .append(i)
                    .append("\",\"labels\":{\"team\":\"web\"},\"input\":\"")
                    .repeat('x', 300)
                    .append("\"}\n");
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

    private static byte[] copyOut(Database database) throws SQLException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists bare_copy (like ledger.event including all)");
            copy(connection, "copy ledger.event to stdout", out, null);
        }
        return out.toByteArray();
    }

    private static Sample copyIn(Database database, int runs, byte[] events) throws SQLException, IOException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate bare_copy");
            long begun = System.nanoTime();
            copy(connection, "copy bare_copy from stdin", null, events);
            return Sample.ofWhole(runs, System.nanoTime() - begun);
        }
    }

    private static void copy(
            Connection connection, String sql, @Nullable ByteArrayOutputStream out, byte @Nullable [] in)
            throws SQLException, IOException {
        var copies = connection.unwrap(PGConnection.class).getCopyAPI();
        if (out != null) {
            copies.copyOut(sql, out);
        } else {
            copies.copyIn(sql, new ByteArrayInputStream(Objects.requireNonNull(in)));
        }
    }
}
