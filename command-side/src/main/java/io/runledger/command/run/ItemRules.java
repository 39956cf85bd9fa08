package io.runledger.command.run;

import io.runledger.api.FieldError;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunCommand.RecordItems;
import io.runledger.api.RunCommand.TakeInItems;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunFailed;
import io.runledger.api.RunEvent.RunInvalidated;
import io.runledger.api.RunEvent.RunItemsAdded;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunPartiallySucceeded;
import io.runledger.api.RunEvent.RunSucceeded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The rules of a batch's items, pure like those of runs. */
final class ItemRules {

    /** A batch of which nothing has come for so long is given up: who sent it has gone, or its node died. */
    static final Duration INTAKE_PATIENCE = Duration.ofMinutes(10);

    /** An event holds so many inputs, or so many characters of them: who wants one item must read the whole event. */
    static final int CHUNK_INPUTS = 100;

    static final int CHUNK_CHARS = 64 << 10;

    private ItemRules() {}

    /** The inputs in events of limited size; an input that is larger stands alone. */
    static List<RunEvent> takeIn(TakeInItems command, RunState state) {
        int first = command.first();
        if (first != state.batch().total()) {
            throw RunRefused.inputsOutOfOrder(state);
        }
        List<RunEvent> events = new ArrayList<>();
        List<Json> chunk = new ArrayList<>();
        long chars = 0;
        for (Json input : command.inputs()) {
            int length = input.text().length();
            if (!chunk.isEmpty() && (chunk.size() == CHUNK_INPUTS || chars + length > CHUNK_CHARS)) {
                events.add(new RunItemsAdded(first, List.copyOf(chunk)));
                first += chunk.size();
                chunk.clear();
                chars = 0;
            }
            chunk.add(input);
            chars += length;
        }
        if (!chunk.isEmpty()) {
            events.add(new RunItemsAdded(first, List.copyOf(chunk)));
        }
        return events;
    }

    static RunEvent leftUnfinished() {
        return new RunInvalidated(
                List.of(new FieldError("/inputs", "not all of them came; nothing has come for a while")));
    }

    /** Records what has no result yet; the last result ends the run. */
    static List<RunEvent> record(RecordItems command, RunState state) {
        Set<Integer> leased = command.leased();
        List<ItemResult> results = state.batch().newOf(command);
        if (leased == null || results.stream().anyMatch(result -> !leased.contains(result.index()))) {
            throw RunRefused.itemsNotLeased(state);
        }
        List<RunEvent> events = new ArrayList<>(2);
        events.add(new RunItemsRecorded(results));
        BatchState batch = state.batch();
        if (batch.total() > 0 && batch.left() == results.size()) {
            long failures =
                    results.stream().filter(result -> result.error() != null).count() + batch.failed();
            events.add(end(batch.total(), failures));
        }
        return events;
    }

    private static RunEvent end(long total, long failures) {
        if (failures == 0) {
            return new RunSucceeded(null, null);
        }
        if (failures < total) {
            return new RunPartiallySucceeded(null, null);
        }
        String message = "All " + total + " items failed.";
        return new RunFailed(new RunError("items_failed", message, null, null), null);
    }
}
