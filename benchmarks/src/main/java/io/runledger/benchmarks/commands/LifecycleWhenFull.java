package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Settings;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.sample.SampleLedger;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Whether a command costs more when very much is stored: W1 on a ledger full of events beside one with few, in turn. */
public final class LifecycleWhenFull implements Workload {

    private static final int CLIENTS = 32;
    private static final int WARMING_ROUNDS = 12;

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public String label(Settings settings) {
        return name() + "-" + settings.runs();
    }

    @Override
    public String description() {
        return "Commands (create, start, complete) over HTTP by " + CLIENTS + " clients: to a ledger with very many"
                + " events, and to one with few, each on a PostgreSQL of its own.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        SampleLedger.fill(stage, stage.settings().runs());
        Duration length = Duration.ofSeconds(stage.settings().seconds());
        try (Stage beside = stage.beside("few")) {
            for (int round = 0; round < WARMING_ROUNDS; round++) {
                commands(beside, length);
                commands(stage, length);
            }
            return List.of(Measurement.alternating(
                    "%,d events stored beside %,d".formatted(events(stage), events(beside)),
                    stage.settings().rounds(),
                    () -> commands(stage, length),
                    () -> commands(beside, length)));
        }
    }

    private static Sample commands(Stage stage, Duration length) throws Exception {
        Ledger ledger = stage.ledger();
        String series = "growth-" + events(stage);
        return Clients.run(CLIENTS, length, () -> LifecycleOverHttp.living(ledger, series));
    }

    private static long events(Stage stage) throws SQLException, IOException {
        return stage.database().number("select last_value from ledger.event_position_seq");
    }
}
