package io.runledger.query.projection;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStore;

/** Folds parked runs again from their first event: a run's row depends on that run's events only. */
public final class DeadLetterRetry {

    private static final int PAGE = 100;
    private static final int SLICE_EVENTS = 1_000;

    private final ViewStore store;
    private final EventStore events;

    DeadLetterRetry(ViewStore store, EventStore events) {
        this.store = store;
        this.events = events;
    }

    /**
     * What came of it.
     *
     * @param retried how many runs were tried again
     * @param mended how many of them the view shows again
     */
    public record Result(long retried, long mended) {}

    /** Tries all parked runs of this project. */
    Result all(String project) {
        long retried = 0;
        long mended = 0;
        RunId after = null;
        List<DeadLetter> page;
        do {
            page = store.letters().page(store.generations().serving().generation(), project, after, PAGE);
            for (DeadLetter letter : page) {
                retried++;
                mended += mend(letter.runId()) ? 1 : 0;
                after = letter.runId();
            }
        } while (page.size() == PAGE);
        return new Result(retried, mended);
    }

    /**
     * Tries this run.
     *
     * @throws Problem when the project has no such parked run
     */
    Result one(String project, RunId run) {
        int generation = store.generations().serving().generation();
        if (store.letters().find(generation, project, run) == null) {
            throw Problem.noSuchRun(run.toString());
        }
        return new Result(1, mend(run) ? 1 : 0);
    }

    private boolean mend(RunId run) {
        try {
            store.transactions().executeWithoutResult(_ -> foldAgain(run));
            return true;
        } catch (RuntimeException e) {
            if (!ParkingWriter.isFaultOfData(e)) {
                throw e;
            }
            store.letters().retried(store.generations().serving().generation(), run, e);
            return false;
        }
    }

    private void foldAgain(RunId run) {
        // The live view waits: an event that it took off while this reads would be in neither row nor letter.
        int generation = store.generations().lockServing().generation();
        if (!store.letters().release(generation, run)) {
            return;
        }
        store.jdbc()
                .sql("delete from " + store.generations().table(generation) + " where id = ?")
                .param(run.value())
                .update();
        ProjectedView.Writer writer = store.view().writer(generation);
        DomainEventStream stream = events.readEvents(run.toString());
        List<RecordedEvent> slice = new ArrayList<>();
        while (stream.hasNext()) {
            slice.add(RecordedEvent.of(stream.next()));
            if (slice.size() == SLICE_EVENTS || !stream.hasNext()) {
                writer.write(slice);
                slice.clear();
            }
        }
    }
}
