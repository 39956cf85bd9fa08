package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.Measurement;
import io.runledger.benchmarks.Sample;
import io.runledger.benchmarks.Stage;
import io.runledger.benchmarks.Workload;
import io.runledger.benchmarks.commands.Clients.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** W1: runs are created, started and completed by some clients over HTTP, a command a request. */
public final class LifecycleOverHttp implements Workload {

    private static final List<Integer> CLIENTS = List.of(1, 8, 32, 128);

    /** PostgreSQL takes a hundred connections, of which the ledger has some. */
    private static final int MOST_CONNECTIONS = 80;

    private static final int WARMING_CLIENTS = 32;

    /** The ledger is warm when a few rounds are no faster by this than the few before, but not before some, or after so long. */
    private static final double STILL_WARMING = 1.03;

    private static final int WARMING_ROUNDS = 3;
    private static final int LEAST_WARMINGS = 10;
    private static final Duration MOST_WARMING = Duration.ofMinutes(3);

    private static final String CREATE = "{\"target\": \"task:resize-image\", \"labels\": {\"team\": \"web\"},"
            + " \"key\": \"%d\", \"input\": \"" + "x".repeat(300) + "\"}";

    private static final AtomicLong NUMBER = new AtomicLong();

    @Override
    public String name() {
        return "lifecycle";
    }

    @Override
    public String description() {
        return "Commands (create, start, complete) over HTTP, each durable when it is answered.";
    }

    @Override
    public List<Measurement> measure(Stage stage) throws Exception {
        BareEvents bare = new BareEvents(stage.database());
        Duration length = Duration.ofSeconds(stage.settings().seconds());
        List<Measurement> measurements = new ArrayList<>();
        Ledger ledger = stage.ledger();
        String series = Long.toString(stage.database().number("select count(*) from ledger.event"), 36);
        warm(stage, length, series);
        for (int clients : CLIENTS) {
            int connections = Math.min(clients, MOST_CONNECTIONS);
            measurements.addAll(Measurement.alternating(
                    clients + " clients",
                    stage.settings().rounds(),
                    () -> ledger(ledger, clients, length, series),
                    List.of("read, check, append", "insert"),
                    List.of(
                            () -> Clients.runVirtual(connections, length, bare::living),
                            () -> Clients.runVirtual(connections, length, bare::inserting))));
            measurements
                    .subList(measurements.size() - 2, measurements.size())
                    .forEach(measurement -> stage.tell(measurement.toString()));
        }
        return measurements;
    }

    /** Gives the ledger commands until it gets no faster. */
    public static void warm(Stage stage, Duration round, String series) throws Exception {
        Duration length = round.multipliedBy(WARMING_ROUNDS);
        long end = System.nanoTime() + MOST_WARMING.toNanos();
        double before = 0;
        double now = 0;
        for (int warming = 0;
                warming < LEAST_WARMINGS || now > before * STILL_WARMING && System.nanoTime() < end;
                warming++) {
            before = now;
            now = costs(stage, length, series);
        }
    }

    /** Tells what a command takes of the processors: what the client takes of them the ledger lacks. */
    private static double costs(Stage stage, Duration length, String series) throws Exception {
        double ofLedger = micros(stage.ledger().process());
        double ofClient = micros(ProcessHandle.current());
        Sample sample = ledger(stage.ledger(), WARMING_CLIENTS, length, series);
        double commands = sample.perSecond() * length.toSeconds();
        stage.tell("warming: %.0f commands a second, of the processors %.0f µs each for the ledger, %.0f for the client"
                .formatted(
                        sample.perSecond(),
                        (micros(stage.ledger().process()) - ofLedger) / commands,
                        (micros(ProcessHandle.current()) - ofClient) / commands));
        return sample.perSecond();
    }

    private static double micros(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e3;
    }

    private static Sample ledger(Ledger ledger, int clients, Duration length, String series) throws Exception {
        return Clients.run(clients, length, () -> living(ledger, series));
    }

    /** Takes one run after the other through its life, a command a call; keys begin with the series. */
    public static Caller living(Ledger ledger, String series) {
        return new Life(ledger, series);
    }

    private static final class Life implements Caller {

        private final Ledger ledger;
        private final String series;
        private String run = "";
        private int step;

        private Life(Ledger ledger, String series) {
            this.ledger = ledger;
            this.series = series;
        }

        @Override
        public void call() throws Exception {
            switch (step) {
                case 0 -> {
                    String key = series + "-" + NUMBER.incrementAndGet();
                    post("/v1/runs", CREATE.replace("%d", key));
                    run = "/v1/runs/key:" + key;
                }
                case 1 -> post(run + "/start", "{\"worker\": \"w\"}");
                default -> post(run + "/complete", "{\"output\": {\"bytes\": 48213}}");
            }
            step = (step + 1) % 3;
        }

        private void post(String path, String body) throws IOException {
            ledger.post(path, "application/json", body.getBytes(StandardCharsets.UTF_8));
        }
    }
}
