package io.runledger.query.run;

import io.runledger.api.ItemResult;
import io.runledger.api.RunEvent.RunItemsAdded;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunView;
import org.jspecify.annotations.Nullable;

/** The counts of a batch's items; a run without items has none. */
final class RunItems {

    private RunItems() {}

    static void add(RunRow row, RunItemsAdded added) {
        row.itemsTotal = orZero(row.itemsTotal) + added.inputs().size();
        row.itemsRunning = orZero(row.itemsRunning);
        row.itemsSucceeded = orZero(row.itemsSucceeded);
        row.itemsFailed = orZero(row.itemsFailed);
        row.itemsInvalid = orZero(row.itemsInvalid);
    }

    static void record(RunRow row, RunItemsRecorded recorded) {
        long failed = 0;
        for (ItemResult result : recorded.results()) {
            if (result.error() != null) {
                failed++;
            }
        }
        row.itemsFailed = orZero(row.itemsFailed) + failed;
        row.itemsSucceeded = orZero(row.itemsSucceeded) + recorded.results().size() - failed;
    }

    /** A resumed batch runs again what failed, so these items wait once more. */
    static void retryFailed(RunRow row) {
        if (row.itemsTotal != null) {
            row.itemsFailed = 0L;
        }
    }

    static RunView.@Nullable Items view(RunRow row) {
        if (row.itemsTotal == null) {
            return null;
        }
        long running = orZero(row.itemsRunning);
        long succeeded = orZero(row.itemsSucceeded);
        long failed = orZero(row.itemsFailed);
        long invalid = orZero(row.itemsInvalid);
        long pending = row.itemsTotal - running - succeeded - failed - invalid;
        return new RunView.Items(row.itemsTotal, pending, running, succeeded, failed, invalid);
    }

    private static long orZero(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
