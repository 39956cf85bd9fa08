package io.runledger.query.event;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import java.util.ArrayList;
import java.util.List;

/** Answers with events, fresh from the ledger. */
final class EventQueries {

    /**
     * The ledger has no index by project, for every index makes every append slower: a project's events are picked out of
     * windows of so many positions, and an answer may be short, even empty, when the others wrote much.
     */
    private static final long WINDOW = 10_000;

    private static final int WINDOWS = 10;

    private final EventReader reader;

    EventQueries(EventReader reader) {
        this.reader = reader;
    }

    /**
     * A page of one run's events after this sequence number.
     *
     * @throws Problem when the project has no such run
     */
    EventPage ofRun(String project, RunId runId, long after, List<String> types, int limit) {
        if (!project.equals(reader.projectOf(runId))) {
            throw Problem.noSuchRun(runId.toString());
        }
        EventReader.Slice slice = reader.ofRun(runId, after, types, limit);
        Long next = slice.more() ? slice.events().getLast().sequence() : null;
        return new EventPage(slice.events(), slice.more(), next);
    }

    /** A page of a project's events after this position; {@code next} is where the search ended. */
    EventPage ofProject(String project, long after, List<String> types, int limit) {
        // Positions become visible in order, so everything up to this one is there.
        long head = reader.head();
        List<LedgerEvent> found = new ArrayList<>();
        long searched = after;
        for (int window = 0; window < WINDOWS && searched < head; window++) {
            long last = Math.min(searched + WINDOW, head);
            EventReader.Slice slice = reader.ofProject(project, searched, last, types, limit - found.size());
            found.addAll(slice.events());
            if (slice.more()) {
                return new EventPage(found, true, slice.events().getLast().position());
            }
            searched = last;
            if (found.size() == limit || isHeavy(found)) {
                break;
            }
        }
        return new EventPage(found, searched < head, searched);
    }

    /** Whether these are as much as one answer should hold; each slice was bounded on its own. */
    private static boolean isHeavy(List<LedgerEvent> found) {
        long characters = 0;
        for (LedgerEvent event : found) {
            characters += event.payload().text().length();
        }
        return characters > EventReader.SLICE_BYTES / 2;
    }
}
