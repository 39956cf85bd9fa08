package io.runledger.query.run;

import io.runledger.query.projection.EventBatch;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.ResetHandler;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Keeps {@code view.run}: writes each run that a batch touches once, in the transaction that also stores how far the view
 * has got. A run that it cannot follow is parked, the others go on.
 */
@ProcessingGroup(ProjectionConfiguration.RUN)
public final class RunProjection {

    private final ViewStore view;
    private final ViewPosition position;

    RunProjection(ViewStore view, ViewPosition position) {
        this.view = view;
        this.position = position;
    }

    /** Takes a batch of events into the view. */
    @EventHandler
    public void on(EventBatch batch, UnitOfWork<?> unitOfWork) {
        view.write(batch.events());
        unitOfWork.root().afterCommit(_ -> position.advancedTo(batch.last()));
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        view.clear();
        position.reset();
    }
}
