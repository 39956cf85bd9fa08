package io.runledger.query.event;

/** Somebody who wants to know of events of a subject as they come. */
interface Watcher {

    Subject subject();

    /** Tells of an event; the tail calls this in order, after it can be read there. It must be quick and must not throw. */
    void announce(TailEvent event);
}
