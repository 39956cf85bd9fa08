package io.runledger.benchmarks.replay;

import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Settings;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.sample.SampleLedger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** W3: the view of runs is built again beside the one that serves, to the switch; by hand a smaller one is. */
public final class RebuildView implements Workload {

    private static final long MOST_RUNS = 232_000;

    /** Ten looks a second took a twentieth of the ledger's processor. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String label(Settings settings) {
        return name() + "-" + runs(settings);
    }

    @Override
    public String description() {
        return "All events to a view of runs: the ledger's with 50 columns, 18 indexes and a comparison of every row with"
                + " the view that serves; by hand seven columns and a key, and then the ledger's finished rows copied, with"
                + " their indexes and statistics. Events a second; times are of a whole round.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        SampleLedger.fill(stage, runs(stage.settings()));
        long events = stage.database().number("select count(*) from ledger.event");
        Ledger ledger = stage.ledger();
        BareFold fold = new BareFold(stage.database());
        // The first one differs from the made-up view in the parents, of which no event tells.
        rebuild(ledger);
        BareView view = new BareView(stage.database());
        return Measurement.alternating(
                events + " events",
                stage.settings().rounds(),
                () -> measured(ledger, events),
                List.of("seven columns", "seven columns, then the same rows and indexes"),
                List.of(
                        () -> {
                            long begun = System.nanoTime();
                            return Sample.ofWhole(fold.run(), System.nanoTime() - begun);
                        },
                        () -> {
                            long begun = System.nanoTime();
                            long folded = fold.run();
                            view.make();
                            return Sample.ofWhole(folded, System.nanoTime() - begun);
                        }));
    }

    private static long runs(Settings settings) {
        return Math.min(MOST_RUNS, settings.runs());
    }

    private static Sample measured(Ledger ledger, long events) throws Exception {
        long begun = System.nanoTime();
        JsonNode state = rebuild(ledger);
        Sample sample = Sample.ofWhole(events, System.nanoTime() - begun);
        if (state.get("last_rebuild").get("differing").asLong() != 0) {
            throw new IllegalStateException("The view differs from the events: " + state);
        }
        return sample;
    }

    private static JsonNode rebuild(Ledger ledger) throws Exception {
        int before = ledger.view().get("generation").asInt();
        ledger.post("/v1/projections/run/rebuild", "application/json", new byte[0]);
        JsonNode state = ledger.view();
        while (state.get("generation").asInt() == before) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            state = ledger.view();
        }
        ledger.delete("/v1/projections/run/previous");
        return state;
    }
}
