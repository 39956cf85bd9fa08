package io.runledger.query.run;

import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.ReadEvent;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.projection.ViewStore;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.ResetHandler;
import org.axonframework.eventhandling.TrackedEventMessage;
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

    /** The events of a transaction. */
    private static final class Batch {

        private final List<ReadEvent> events = new ArrayList<>();
        private long reached;
    }

    /** Takes an event into the batch. Not asked for by its type: an event that cannot be read must come here too. */
    @EventHandler
    public void on(DomainEventMessage<?> message, UnitOfWork<?> unitOfWork) {
        UnitOfWork<?> root = unitOfWork.root();
        Batch batch = root.getOrComputeResource(BATCH, _ -> begin(root));
        ReadEvent event = ReadEvent.of(message);
        batch.events.add(event);
        batch.reached = place(message).orElse(event.position());
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        view.clear();
        position.reset();
    }

    private Batch begin(UnitOfWork<?> root) {
        Batch batch = new Batch();
        root.onPrepareCommit(_ -> view.write(batch.events));
        root.afterCommit(_ -> position.advancedTo(batch.reached));
        return batch;
    }

    /** Where the processor stands with this message, when it came from one. */
    private static OptionalLong place(DomainEventMessage<?> message) {
        return message instanceof TrackedEventMessage<?> tracked
                ? tracked.trackingToken().position()
                : OptionalLong.empty();
    }
}
