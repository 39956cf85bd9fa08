package io.runledger.server.access;

import io.runledger.api.Caller;

/** Who a key is, and what it may. */
public record KeyHolder(Caller caller, Role role) {

    /** Whether it keeps the ledger: an admin of the project that every ledger begins with. */
    public boolean keepsLedger() {
        return role == Role.ADMIN && caller.project().equals(Projects.DEFAULT);
    }
}
