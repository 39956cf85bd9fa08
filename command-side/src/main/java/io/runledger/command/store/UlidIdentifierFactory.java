package io.runledger.command.store;

import java.time.Clock;
import org.axonframework.common.IdentifierFactory;

/** Gives Axon's messages, and so the events, ids like those of runs; found by Axon through the service loader. */
public final class UlidIdentifierFactory extends IdentifierFactory {

    // The service loader makes this object before there is a clock bean. The time in an id is for sorting only.
    private final RunIds ids = new RunIds(Clock.systemUTC());

    @Override
    public String generateIdentifier() {
        return ids.next().toString();
    }
}
