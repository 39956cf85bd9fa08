package io.runledger.command.run;

import io.runledger.api.ItemResult;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.command.store.ItemChange;
import io.runledger.command.store.ItemChange.Closed;
import io.runledger.command.store.ItemChange.Opened;
import io.runledger.command.store.ItemChange.Settled;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must be known of items outside of a batch's events, so that workers get them: pure, like the rules. */
final class ItemWork {

    private ItemWork() {}

    /** What these events, decided on this state, change for those who work on the items; null when nothing. */
    static @Nullable ItemChange change(RunId runId, List<RunEvent> events, RunState state) {
        if (state.batch().total() == 0) {
            return null;
        }
        ItemChange change = null;
        for (RunEvent event : events) {
            RunStatus next = RunTransition.statusAfter(event);
            if (event instanceof RunStarted started) {
                change = new Opened(runId, state.batch().pending(), started.attempt() - 1);
            } else if (event instanceof RunItemsRecorded recorded) {
                change = new Settled(runId, indexes(recorded));
            } else if (next != null && !isWorkedOn(next) && isWorkedOn(state.status())) {
                change = new Closed(runId);
            }
        }
        return change;
    }

    private static boolean isWorkedOn(RunStatus status) {
        return status == RunStatus.RUNNING || status == RunStatus.FINISHING;
    }

    private static BitSet indexes(RunItemsRecorded recorded) {
        BitSet indexes = new BitSet();
        recorded.results().stream().mapToInt(ItemResult::index).forEach(indexes::set);
        return indexes;
    }
}
