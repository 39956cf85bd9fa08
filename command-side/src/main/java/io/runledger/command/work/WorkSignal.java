package io.runledger.command.work;

/** Tells this node what any node has committed; may call for nothing, and may be silent while the database is away. */
public interface WorkSignal {

    /** Has this called when there may be something new on this channel; it must be quick and must not throw. */
    void on(String channel, Runnable listener);
}
