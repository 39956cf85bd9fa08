package io.runledger.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** One comparison: the medians of the ledger's rounds and of those of its bare counterpart. */
public record Measurement(String name, Sample ledger, Sample bare) {

    /** One round of one side. */
    public interface Round {

        /** Measures once. */
        Sample run() throws Exception;
    }

    /** Both sides in turn, so often, so that what else happens on the machine meets both. */
    public static Measurement alternating(String name, int rounds, Round ledger, Round bare) throws Exception {
        List<Sample> ofLedger = new ArrayList<>();
        List<Sample> ofBare = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ofBare.add(bare.run());
            ofLedger.add(ledger.run());
        }
        return new Measurement(name, Sample.median(ofLedger), Sample.median(ofBare));
    }
}
