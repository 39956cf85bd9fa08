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
    EventPage ofRun(String project, RunId runId, long after, EventFilter filter, int limit) {
        if (!reader.isOfProject(project, runId)) {
            throw Problem.noSuchRun(runId.toString());
        }
        EventReader.Slice slice = reader.ofRun(project, runId, after, filter, EventReader.Bounds.ofEvents(limit));
        Long next = slice.more() ? slice.events().getLast().event().sequence() : null;
        return new EventPage(events(slice), slice.more(), next);
    }

    /**
     * A page of the events of a run and of its tasks after this position.
     *
     * @throws Problem when the project has no such run
     */
    EventPage ofFamily(String project, RunId runId, long after, EventFilter filter, int limit) {
        if (!reader.isOfProject(project, runId)) {
            throw Problem.noSuchRun(runId.toString());
        }
        return ofProject(project, after, new EventFilter(filter.types(), reader.family(project, runId), null), limit);
    }

    /**
     * A page of a project's events after this position; {@code next} is where the search ended.
     *
     * @throws Problem when the view that runs are selected from does not catch up in time
     */
    EventPage ofProject(String project, long after, EventFilter filter, int limit) {
        // Positions become visible in order, so everything up to this one is there.
        long head = reader.head();
        filter.await(head);
        List<LedgerEvent> found = new ArrayList<>();
        long searched = after;
        for (int window = 0; window < WINDOWS && searched < head; window++) {
            long last = endOfWindow(searched, head, filter);
            EventReader.Bounds bounds = EventReader.Bounds.ofEvents(limit - found.size());
            EventReader.Slice slice = reader.ofProject(project, searched, last, filter, bounds);
            found.addAll(events(slice));
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

    /** How far one statement looks for a project's events; the runs that are asked for have an index. */
    static long endOfWindow(long searched, long head, EventFilter filter) {
        return filter.runs() == null ? Math.min(searched + WINDOW, head) : head;
    }

    private static List<LedgerEvent> events(EventReader.Slice slice) {
        return slice.events().stream().map(TailEvent::event).toList();
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
