package io.runledger.query.run;

import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.ReadEvent;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.ResetHandler;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Keeps {@code view.run}: collects the events of a batch and writes each touched run once, in the transaction that also
 * stores how far the view has got. A run that it cannot follow is parked, the others go on.
 */
@ProcessingGroup(ProjectionConfiguration.RUN)
public final class RunProjection {

    private static final String BATCH = RunProjection.class.getName();

    private final ViewStore view;
    private final ViewPosition position;

    RunProjection(ViewStore view, ViewPosition position) {
        this.view = view;
        this.position = position;
    }

    /** Takes an event into the batch. Not asked for by its type: an event that cannot be read must come here too. */
    @EventHandler
    public void on(DomainEventMessage<?> message, UnitOfWork<?> unitOfWork) {
        UnitOfWork<?> batch = unitOfWork.root();
        List<ReadEvent> events = batch.getOrComputeResource(BATCH, _ -> begin(batch));
        events.add(ReadEvent.of(message));
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        view.clear();
    }

    private List<ReadEvent> begin(UnitOfWork<?> batch) {
        List<ReadEvent> events = new ArrayList<>();
        batch.onPrepareCommit(_ -> view.write(events));
        batch.afterCommit(_ -> position.advancedTo(events.getLast().position()));
        return events;
    }
}
