package io.runledger.api;

/** Whether a caller who was let in may still go on; asked again by whatever may take longer than a revoked key holds. */
@FunctionalInterface
public interface Admission {

    /** Whether the caller's key still opens the ledger. Answered from memory nearly always; it must not fail. */
    boolean holds(Caller caller);
}
