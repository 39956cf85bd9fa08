package io.runledger.query.run;

import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.RecordedEvent;
import io.runledger.query.projection.ViewPosition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.ResetHandler;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Keeps {@code view.run}: collects the events of a batch and writes each touched run once, in the transaction that also
 * stores how far the view has got. Build it again by resetting the processor "run".
 */
@ProcessingGroup(ProjectionConfiguration.RUN)
public final class RunProjection {

    private static final String BATCH = RunProjection.class.getName();

    private final RunTable table;
    private final ViewPosition position;

    RunProjection(RunTable table, ViewPosition position) {
        this.table = table;
        this.position = position;
    }

    /** Takes an event into the batch that is being processed. */
    @EventHandler
    public void on(RunEvent event, DomainEventMessage<?> message, UnitOfWork<?> unitOfWork) {
        UnitOfWork<?> batch = unitOfWork.root();
        List<RecordedEvent> events = batch.getOrComputeResource(BATCH, _ -> begin(batch));
        events.add(RecordedEvent.of(message));
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        table.clear();
    }

    private List<RecordedEvent> begin(UnitOfWork<?> batch) {
        List<RecordedEvent> events = new ArrayList<>();
        batch.onPrepareCommit(_ -> write(events));
        batch.afterCommit(_ -> position.advancedTo(events.getLast().position()));
        return events;
    }

    private void write(List<RecordedEvent> events) {
        table.save(fold(events));
    }

    private Collection<RunRow> fold(List<RecordedEvent> events) {
        Set<RunId> touched = new LinkedHashSet<>();
        Set<RunId> withArtifacts = new LinkedHashSet<>();
        for (RecordedEvent event : events) {
            touched.add(event.runId());
            if (event.event() instanceof RunEvent.RunArtifactAdded) {
                withArtifacts.add(event.runId());
            }
        }
        Map<RunId, RunRow> stored = table.load(touched, withArtifacts);
        Map<RunId, RunRow> changed = new LinkedHashMap<>();
        for (RecordedEvent event : events) {
            RunRow row = stored.computeIfAbsent(event.runId(), RunRow::new);
            if (event.sequence() > row.version) {
                RunFold.apply(row, event);
                changed.put(row.id, row);
            }
        }
        return changed.values();
    }
}
