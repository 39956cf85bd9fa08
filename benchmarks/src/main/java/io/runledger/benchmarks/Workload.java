package io.runledger.benchmarks;

import java.util.List;

/** One thing that is measured, on both sides. */
public interface Workload {

    /** Its short name, as in the settings. */
    String name();

    /** Under which its database is kept and its results are written: one for each size that it has. */
    default String label(Settings settings) {
        return name();
    }

    /** What is measured, in a sentence for the reader of the results. */
    String description();

    /** Measures it; takes what it needs from the stage. */
    List<Measurement> measure(Stage stage) throws Exception;
}
