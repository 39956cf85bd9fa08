package io.runledger.command.run;

import io.runledger.api.ItemResult;
import io.runledger.api.RunCommand.RecordItems;
import io.runledger.api.RunEvent.RunItemsAdded;
import io.runledger.api.RunEvent.RunItemsRecorded;
import java.util.BitSet;
import java.util.List;

/** How it stands with a batch's items: a bit or two for each, never their inputs or results. */
final class BatchState {

    private int total;
    private boolean takenIn;
    private final BitSet succeeded = new BitSet();
    private final BitSet failed = new BitSet();

    void add(RunItemsAdded added) {
        total = added.first() + added.inputs().size();
    }

    /** All inputs are there: the run has gone on. */
    void close() {
        takenIn = true;
    }

    void record(RunItemsRecorded recorded) {
        for (ItemResult result : recorded.results()) {
            (result.error() == null ? succeeded : failed).set(result.index());
        }
    }

    void retryFailed() {
        failed.clear();
    }

    /** How many items have been taken in; 0 for a run that is no batch. */
    int total() {
        return total;
    }

    /** Whether the run has ever gone on from being taken in. */
    boolean isTakenIn() {
        return takenIn;
    }

    int succeeded() {
        return succeeded.cardinality();
    }

    int failed() {
        return failed.cardinality();
    }

    /** How many items have no result yet. */
    int left() {
        return Math.max(0, total - succeeded() - failed());
    }

    /** The items that have no result yet. */
    BitSet pending() {
        BitSet pending = new BitSet(total);
        pending.set(0, total);
        pending.andNot(succeeded);
        pending.andNot(failed);
        return pending;
    }

    /** Those results of a report whose items have none yet. */
    List<ItemResult> newOf(RecordItems report) {
        return report.results().stream()
                .filter(result -> !succeeded.get(result.index()) && !failed.get(result.index()))
                .toList();
    }
}
