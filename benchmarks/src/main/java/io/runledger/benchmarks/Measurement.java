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
        return alternating(name, rounds, ledger, List.of(""), List.of(bare)).getFirst();
    }

    /** The ledger beside several counterparts, which have these names, all in turn. */
    public static List<Measurement> alternating(
            String name, int rounds, Round ledger, List<String> bareNames, List<Round> bare) throws Exception {
        List<Sample> ofLedger = new ArrayList<>();
        List<List<Sample>> ofBare =
                bare.stream().<List<Sample>>map(_ -> new ArrayList<>()).toList();
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < bare.size(); i++) {
                ofBare.get(i).add(bare.get(i).run());
            }
            ofLedger.add(ledger.run());
        }
        List<Measurement> measurements = new ArrayList<>();
        for (int i = 0; i < bare.size(); i++) {
            String full = bareNames.get(i).isEmpty() ? name : name + ": " + bareNames.get(i);
            measurements.add(new Measurement(full, Sample.median(ofLedger), Sample.median(ofBare.get(i))));
        }
        return measurements;
    }
}
