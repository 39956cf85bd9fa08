package io.runledger.query.projection;

import java.util.stream.Stream;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.jspecify.annotations.Nullable;

/** Reads the ledger by one question at a time, where Axon's event store asks until nothing more comes. */
@FunctionalInterface
public interface NextEvents {

    /** Some of the events after this place, or after none, in the order of their positions; nothing when there are none. */
    Stream<? extends TrackedEventMessage<?>> after(@Nullable TrackingToken place);
}
