package io.runledger.benchmarks;

import io.runledger.benchmarks.commands.BulkCreates;
import io.runledger.benchmarks.commands.Claims;
import io.runledger.benchmarks.commands.LifecycleInside;
import io.runledger.benchmarks.commands.LifecycleOverHttp;
import io.runledger.benchmarks.commands.LifecycleWhenFull;
import io.runledger.benchmarks.lists.ListQuestions;
import io.runledger.benchmarks.replay.RebuildView;
import io.runledger.benchmarks.streams.CommitToReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures the ledger beside what PostgreSQL alone can do; see docs/benchmarks.md. */
public final class Benchmarks {

    private static final List<Workload> ALL = List.of(
            new ListQuestions(),
            new LifecycleOverHttp(),
            new LifecycleWhenFull(),
            new LifecycleInside(),
            new Claims(),
            new BulkCreates(),
            new RebuildView(),
            new CommitToReader());

    private Benchmarks() {}

    /** Measures what is asked for, prints tables, and writes them as JSON and as pictures. */
    public static void main(String[] arguments) throws Exception {
        run(Settings.read(arguments));
    }

    /** The same, and where the results were written. */
    static List<Path> run(Settings settings) throws Exception {
        List<Path> written = new ArrayList<>();
        for (Workload workload : ALL) {
            if (settings.workloads().isEmpty() || settings.workloads().contains(workload.name())) {
                Path folder = settings.folder().resolve(workload.label(settings));
                List<Measurement> measurements;
                Stage stage = new Stage(settings, folder, System.out::println);
                try (stage) {
                    measurements = workload.measure(stage);
                }
                Report report = Report.of(workload, settings, measurements, stage.profile());
                System.out.println(report.table());
                written.addAll(report.write(settings.folder()));
            }
        }
        return written;
    }
}
