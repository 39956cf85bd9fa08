package io.runledger.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a workload showed, for people and for programs. */
record Report(
        String label,
        String description,
        String machine,
        int rounds,
        List<Measurement> measurements,
        @Nullable Profile profile) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    static Report of(Workload workload, Settings settings, List<Measurement> measurements, @Nullable Profile profile) {
        String machine = "%d processors for client, ledger and PostgreSQL together; %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.arch"),
                        System.getProperty("java.version"));
        return new Report(
                workload.label(settings), workload.description(), machine, settings.rounds(), measurements, profile);
    }

    /** The medians and their ratios, times in milliseconds; below, where the ledger spent its time. */
    String table() {
        String head = "%-28s %9s %9s %6s  %9s %9s %6s  %9s %9s %6s%n"
                .formatted("", "p50", "bare", "x", "p99", "bare", "x", "per s", "bare", "x");
        String rows = measurements.stream().map(Report::row).collect(Collectors.joining());
        String frames = profile == null
                ? ""
                : profile.frames().stream()
                        .map(frame -> "%5.1f %%  %s%n".formatted(frame.percent(), frame.method()))
                        .collect(Collectors.joining());
        return "%n%s: %s%nMedians of %d rounds; %s%n%s%s%n%s"
                .formatted(label, description, rounds, machine, head, rows, frames);
    }

    private static String row(Measurement measurement) {
        Sample ledger = measurement.ledger();
        Sample bare = measurement.bare();
        return String.format(
                Locale.ROOT,
                "%-28s %9.2f %9.2f %6.2f  %9.2f %9.2f %6.2f  %9.0f %9.0f %6.2f%n",
                measurement.name(),
                ledger.p50(),
                bare.p50(),
                ledger.p50() / bare.p50(),
                ledger.p99(),
                bare.p99(),
                ledger.p99() / bare.p99(),
                ledger.perSecond(),
                bare.perSecond(),
                ledger.perSecond() / bare.perSecond());
    }

    /** Writes LABEL.json and LABEL.svg into the folder; the answer is where. */
    List<Path> write(Path folder) throws IOException {
        Path json = folder.resolve(label + ".json");
        Path picture = folder.resolve(label + ".svg");
        Files.writeString(json, JSON.writeValueAsString(this) + "\n");
        Files.writeString(picture, Picture.of(this));
        return List.of(json, picture);
    }
}
