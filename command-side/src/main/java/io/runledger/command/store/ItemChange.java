package io.runledger.command.store;

import io.runledger.api.RunId;
import java.util.BitSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a command changes for those who work on a batch's items, in the same commit as its events. */
public sealed interface ItemChange {

    RunId runId();

    /** These items may be claimed; {@code attempts} were made at them before. */
    record Opened(RunId runId, BitSet items, int attempts) implements ItemChange {}

    /** These items have their results. */
    record Settled(RunId runId, BitSet items) implements ItemChange {}

    /** No item may be claimed any more, and whoever holds some has lost them. */
    record Closed(RunId runId) implements ItemChange {}

    /** Indexes as PostgreSQL writes them in an {@code int4multirange}. */
    static String multirange(BitSet items) {
        return Stream.iterate(
                        items.nextSetBit(0), from -> from >= 0, from -> items.nextSetBit(items.nextClearBit(from)))
                .map(from -> "[" + from + "," + items.nextClearBit(from) + ")")
                .collect(Collectors.joining(",", "{", "}"));
    }
}
