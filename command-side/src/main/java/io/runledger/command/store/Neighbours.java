package io.runledger.command.store;

/** Whether other nodes may listen for what this one writes; while none does, its appends notify nobody. */
@FunctionalInterface
public interface Neighbours {

    /** Asked before each append, so it must be quick; in doubt some do. */
    boolean mayListen();
}
