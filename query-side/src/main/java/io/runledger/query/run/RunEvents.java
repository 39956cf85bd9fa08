package io.runledger.query.run;

import io.runledger.api.RunId;
import java.util.Collection;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;

/** Reads the events of many runs at once, which Axon's event store cannot: a page of the past is of many runs. */
@FunctionalInterface
public interface RunEvents {

    /** The events of these runs up to this position of the ledger; those of one run follow each other in its order. */
    DomainEventStream upTo(Collection<RunId> runs, long position);
}
