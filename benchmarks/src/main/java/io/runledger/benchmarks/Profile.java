package io.runledger.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/** Where a process spent its processor time, told from samples of its running Java threads. */
public record Profile(long samples, List<Frame> frames) {

    private static final int SHOWN = 15;

    /** A method that was running itself, and in how many percent of the samples. */
    public record Frame(String method, double percent) {}

    /** Something that takes a while. */
    public interface Action {

        /** Does it. */
        void run() throws Exception;
    }

    /** What this process itself did meanwhile. */
    static Profile during(Path file, Action action) throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(20));
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        return of(file);
    }

    /** What this recording holds. */
    static Profile of(Path recording) throws IOException {
        Map<String, Long> counts = new HashMap<>();
        long samples = 0;
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ExecutionSample") && event.getStackTrace() != null) {
                    RecordedMethod top =
                            event.getStackTrace().getFrames().getFirst().getMethod();
                    counts.merge(top.getType().getName() + "." + top.getName(), 1L, Long::sum);
                    samples++;
                }
            }
        }
        double all = samples;
        List<Frame> frames = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(SHOWN)
                .map(entry -> new Frame(entry.getKey(), Math.round(entry.getValue() * 1_000 / all) / 10.0))
                .toList();
        return new Profile(samples, frames);
    }
}
